import type { Presence } from '../../../src/contract/common.ts';
import { IconAlertTriangle, IconBroadcast, IconCircleX, IconClock, IconHelpCircle } from './icons.ts';
import classes from './Presence.module.css';

/** How each presence looks and what it means: always an icon and a word. */
export const presences = {
  online: { word: 'Online', icon: IconBroadcast, meaning: 'Connected, or heard from as often as usual' },
  late: { word: 'Late', icon: IconClock, meaning: 'Silent for longer than usual' },
  offline: {
    word: 'Offline',
    icon: IconCircleX,
    meaning: 'Said goodbye, lost its connection, or silent for long',
  },
  unknown: {
    word: 'Unknown',
    icon: IconHelpCircle,
    meaning: 'Not heard from yet, or not since we were away',
  },
} satisfies Record<Presence, { word: string; icon: typeof IconClock; meaning: string }>;

export const presenceOrder: Presence[] = ['online', 'late', 'offline', 'unknown'];

export function PresenceIcon({ presence, size = 16 }: { presence: Presence; size?: number }) {
  const Icon = presences[presence]?.icon ?? IconAlertTriangle;
  return <Icon size={size} stroke={1.9} className={classes[presence]} aria-hidden />;
}

export function PresenceMark({ presence }: { presence: Presence }) {
  return (
    <span className={classes.mark}>
      <PresenceIcon presence={presence} />
      {presences[presence].word}
    </span>
  );
}
