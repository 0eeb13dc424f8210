import type { CommandState } from '../../../../src/domain/command.ts';
import { stateWords } from '../../commands/states.ts';
import { Changing } from '../../components/Changing.tsx';
import {
  IconAlertTriangle,
  IconBan,
  IconChecks,
  IconCircleCheck,
  IconCircleX,
  IconClockX,
  IconHourglass,
  IconPlayerPlay,
  IconSend,
} from '../../components/icons.ts';
import classes from './Command.module.css';

type Look = 'good' | 'dim' | 'warn' | 'bad';

/** How each state looks: red and amber for what did not come to what was wanted. */
const looks = {
  queued: { icon: IconHourglass, look: 'dim' },
  published: { icon: IconSend, look: 'dim' },
  delivered: { icon: IconChecks, look: 'dim' },
  acknowledged: { icon: IconPlayerPlay, look: 'dim' },
  succeeded: { icon: IconCircleCheck, look: 'good' },
  failed: { icon: IconCircleX, look: 'bad' },
  expired: { icon: IconClockX, look: 'warn' },
  cancelled: { icon: IconBan, look: 'dim' },
  undeliverable: { icon: IconAlertTriangle, look: 'bad' },
} satisfies Record<CommandState, { icon: typeof IconSend; look: Look }>;

export function CommandStateIcon({ state, size = 16 }: { state: CommandState; size?: number }) {
  const { icon: Icon, look } = looks[state];
  return <Icon size={size} stroke={1.9} className={classes[look]} aria-hidden />;
}

/** A command's state as icon and word; it lights up when it changes. */
export function CommandStateMark({ state }: { state: CommandState }) {
  const { word, meaning } = stateWords[state];
  return (
    <Changing of={state} className={classes.mark}>
      <CommandStateIcon state={state} />
      <span title={meaning}>{word}</span>
    </Changing>
  );
}
