import type { AlertState } from '../../../../src/domain/alert.ts';
import { IconBellRinging, IconChecks, IconCircleCheck } from '../../components/icons.ts';
import classes from './Alerts.module.css';

export const stateWords: Record<AlertState, string> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
};

const icons = { open: IconBellRinging, acknowledged: IconChecks, resolved: IconCircleCheck } as const;

export function AlertStateIcon({ state }: { state: AlertState }) {
  const Icon = icons[state];
  return <Icon size={16} stroke={1.9} data-state={state} className={classes.stateIcon} aria-hidden />;
}

export function AlertStateMark({ state }: { state: AlertState }) {
  return (
    <span className={classes.state}>
      <AlertStateIcon state={state} />
      {stateWords[state]}
    </span>
  );
}
