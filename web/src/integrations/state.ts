import type { Integration } from '../api/types.ts';

/** How an integration stands, for people. */
export type IntegrationState =
  | 'receiving'
  | 'idle'
  | 'silent'
  | 'stopped'
  | 'waiting'
  | 'connecting'
  | 'connected'
  | 'retrying'
  | 'refused';

/** A message within this time is one that comes in now, in ms. */
const nowMs = 60_000;

type Standing = Pick<Integration, 'enabled' | 'status' | 'last_message_at'>;

/**
 * What is known of it at the time `now`, in ms since 1970. Where we hold the connection, that says it; elsewhere its
 * messages do.
 */
export function stateOf({ enabled, status, last_message_at }: Standing, now: number): IntegrationState {
  if (!enabled) return 'stopped';
  if (status) return status.state;
  if (last_message_at === null) return 'silent';
  return now - Date.parse(last_message_at) <= nowMs ? 'receiving' : 'idle';
}

/** A share as per cent; a little is not nothing: `<0.1 %`. */
export function formatShare(share: number | null): string {
  if (share === null) return '–';
  if (share > 0 && share < 0.001) return '<0.1 %';
  const percent = share * 100;
  return `${percent >= 10 || Number.isInteger(percent) ? Math.round(percent) : percent.toFixed(1)} %`;
}
