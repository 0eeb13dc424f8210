import type { Severity } from '../../../src/domain/alert.ts';
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from '../components/icons.ts';
import { severityWords } from './in-words.ts';
import classes from './Severity.module.css';

/** Of different shapes: what tells them apart is not the colour alone. */
export const severityIcons = {
  info: IconInfoCircle,
  warning: IconAlertTriangle,
  critical: IconAlertOctagon,
} as const;

/** How bad it is, as an icon and a word. */
export function SeverityMark({ severity }: { severity: Severity }) {
  const Icon = severityIcons[severity];
  return (
    <span className={classes.mark} data-severity={severity}>
      <Icon size={16} stroke={1.9} aria-hidden />
      {severityWords[severity]}
    </span>
  );
}
