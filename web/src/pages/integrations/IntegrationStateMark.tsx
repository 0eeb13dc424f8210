import type { Integration } from '../../api/types.ts';
import {
  IconAlertTriangle,
  IconBan,
  IconBroadcast,
  IconCircleCheck,
  IconCircleDashed,
  IconClock,
  IconHourglass,
  IconPlayerPause,
  IconRefresh,
} from '../../components/icons.ts';
import { useNow } from '../../components/use-now.ts';
import { type IntegrationState, stateOf } from '../../integrations/state.ts';
import classes from './Integrations.module.css';

type Look = 'good' | 'dim' | 'warn' | 'bad';

/** How each state looks and what it is called: always an icon and a word. */
export const states = {
  receiving: { icon: IconBroadcast, word: 'Receiving', look: 'good' },
  connected: { icon: IconCircleCheck, word: 'Connected', look: 'good' },
  idle: { icon: IconClock, word: 'Idle', look: 'dim' },
  silent: { icon: IconCircleDashed, word: 'No message yet', look: 'dim' },
  waiting: { icon: IconHourglass, word: 'Waiting to start', look: 'dim' },
  connecting: { icon: IconRefresh, word: 'Connecting', look: 'dim' },
  stopped: { icon: IconPlayerPause, word: 'Stopped', look: 'dim' },
  retrying: { icon: IconAlertTriangle, word: 'Retrying', look: 'warn' },
  refused: { icon: IconBan, word: 'Refused', look: 'bad' },
} satisfies Record<IntegrationState, { icon: typeof IconClock; word: string; look: Look }>;

export function IntegrationStateMark({ integration }: { integration: Integration }) {
  const { icon: Icon, word, look } = states[stateOf(integration, useNow())];
  return (
    <span className={classes.state}>
      <Icon size={16} stroke={1.9} className={classes[look]} aria-hidden />
      {word}
    </span>
  );
}
