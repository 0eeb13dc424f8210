import type { Activity } from '../api/types.ts';
import { sentenceOfActivity } from '../connect/diagnose.ts';
import classes from './ActivityList.module.css';
import { Ago } from './Ago.tsx';
import { IconBan, IconPlugConnected, IconPlugConnectedX } from './icons.ts';

const events: Record<string, { words: string; icon: typeof IconBan; refused: boolean }> = {
  connected: { words: 'Connected', icon: IconPlugConnected, refused: false },
  disconnected: { words: 'Disconnected', icon: IconPlugConnectedX, refused: false },
  connect_refused: { words: 'Connection refused', icon: IconBan, refused: true },
  publish_refused: { words: 'Publish refused', icon: IconBan, refused: true },
  webhook_refused: { words: 'Post refused', icon: IconBan, refused: true },
  subscribe_refused: { words: 'Subscription refused', icon: IconBan, refused: true },
  broker_connected: { words: 'Connected to the broker', icon: IconPlugConnected, refused: false },
  broker_refused: { words: 'The broker refused us', icon: IconBan, refused: true },
  limit_reached: { words: 'A limit was reached', icon: IconBan, refused: true },
  broker_lost: { words: 'The broker is away', icon: IconPlugConnectedX, refused: false },
};

/** Connects, disconnects and refusals, each refusal with what to do about it. */
export function ActivityList({ items, nameOf }: { items: Activity[]; nameOf?: (entry: Activity) => string }) {
  return (
    <ul className={classes.list}>
      {items.map((entry) => (
        <ActivityEntry key={entry.id} entry={entry} name={nameOf?.(entry)} />
      ))}
    </ul>
  );
}

/** What a customer's broker said is worth more than what we say of all brokers. */
function sentenceOf({ event, reason, detail }: Activity): string {
  if (event === 'connected') return '';
  const ours = sentenceOfActivity(reason);
  return event.startsWith('broker_') ? detail || ours : ours || detail;
}

function ActivityEntry({ entry, name }: { entry: Activity; name: string | undefined }) {
  const event = events[entry.event] ?? { words: entry.event, icon: IconBan, refused: true };
  const sentence = sentenceOf(entry);
  const who = [name ?? entry.username, entry.client_id && `client ${entry.client_id}`, entry.remote_address];
  return (
    <li className={classes.entry}>
      <event.icon
        size={17}
        stroke={1.8}
        className={event.refused ? classes.refused : classes.calm}
        aria-hidden
      />
      <div className={classes.text}>
        <span className={classes.words}>{event.words}</span>
        {sentence && <span className={event.refused ? undefined : classes.dim}> {sentence}</span>}
        {entry.topic && <code className={classes.topic}>{entry.topic}</code>}
        <div className={classes.who}>{who.filter(Boolean).join(' · ')}</div>
      </div>
      <span className={classes.when}>
        <Ago at={entry.occurred_at} />
      </span>
    </li>
  );
}
