import type { Credential } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { IconCircleCheck, IconCircleX, IconClock, IconPlayerPause } from '../../components/icons.ts';
import { useNow } from '../../components/use-now.ts';
import classes from './Credentials.module.css';
import { type CredentialState, endsSoon, stateOf } from './state.ts';

const states = {
  active: { icon: IconCircleCheck, word: 'Active' },
  expiring: { icon: IconClock, word: 'Expires' },
  expired: { icon: IconCircleX, word: 'Expired' },
  disabled: { icon: IconPlayerPause, word: 'Disabled' },
} satisfies Record<CredentialState, { icon: typeof IconClock; word: string }>;

/** Whether it lets anybody in, as an icon and a word; amber for an end that is near. */
export function CredentialStateMark({ credential }: { credential: Credential }) {
  const now = useNow();
  const state = stateOf(credential, now);
  const { icon: Icon, word } = states[state];
  const look = state === 'expiring' && endsSoon(credential, now) ? classes.soon : classes[state];
  return (
    <span className={classes.state}>
      <Icon size={16} stroke={1.9} className={look} aria-hidden />
      <span>
        {word}
        {state === 'expiring' && (
          <>
            {' '}
            <Ago at={credential.expires_at} />
          </>
        )}
      </span>
    </span>
  );
}
