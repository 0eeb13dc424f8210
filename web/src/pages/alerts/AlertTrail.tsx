import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAlertActions } from '../../alerts/use-alert-actions.ts';
import type { AlertWithEvents } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import {
  IconBellRinging,
  IconBellZ,
  IconCheck,
  IconChecks,
  IconCircleCheck,
  IconMessage,
  IconRotate,
} from '../../components/icons.ts';
import { exactTime } from '../../format/time.ts';
import classes from './Alert.module.css';

type Event = AlertWithEvents['events'][number];

const kinds: Record<Event['kind'], { words: string; icon: typeof IconCheck }> = {
  opened: { words: 'Opened', icon: IconBellRinging },
  acknowledged: { words: 'Acknowledged', icon: IconChecks },
  snoozed: { words: 'Snoozed', icon: IconBellZ },
  note: { words: 'Noted', icon: IconMessage },
  cleared: { words: 'The condition no longer held', icon: IconCheck },
  resolved: { words: 'Resolved', icon: IconCircleCheck },
  withdrawn: { words: 'Withdrawn', icon: IconRotate },
};

/** What happened to an alert, oldest first, and a place to say something about it. */
export function AlertTrail({ alert, mayAct }: { alert: AlertWithEvents; mayAct: boolean }) {
  return (
    <>
      <ol className={classes.trail} aria-label="What was done">
        {alert.events.map((event) => (
          <Entry key={event.id} event={event} words={wordsOf(event, alert)} />
        ))}
      </ol>
      {mayAct && <Note alert={alert.id} />}
    </>
  );
}

/**
 * The first change of a snooze begins it, and the last one has made it as it is now. Of those between, and of one that
 * is over, nothing says whether they began, moved or ended it.
 */
function wordsOf(event: Event, { events, state, snoozed_until }: AlertWithEvents): string {
  if (event.kind !== 'snoozed') return kinds[event.kind].words;
  const snoozes = events.filter(({ kind }) => kind === 'snoozed');
  const isLasting = event === snoozes.at(-1) && snoozed_until !== null && state !== 'resolved';
  return event === snoozes[0] || isLasting ? kinds.snoozed.words : 'Snooze changed or ended';
}

function Entry({ event: { kind, user, note, at }, words }: { event: Event; words: string }) {
  const Icon = kinds[kind].icon;
  return (
    <li className={classes.event}>
      <Icon size={16} stroke={1.8} className={classes.eventIcon} aria-hidden />
      <div>
        <span className={classes.words}>{words}</span>
        {user && <span className={classes.dim}> by {user.name}</span>}
        {note && <p className={classes.note}>{note}</p>}
      </div>
      <time className={classes.dim} dateTime={at} title={exactTime(at)}>
        <Ago at={at} />
      </time>
    </li>
  );
}

function Note({ alert }: { alert: string }) {
  const [text, setText] = useState('');
  const { act, busy } = useAlertActions();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // The API takes one line.
    const note = text.replace(/\s+/g, ' ').trim();
    if (note && (await act({ action: 'note', alert_ids: [alert], note }))) setText('');
  };
  return (
    <form className={classes.noteForm} onSubmit={submit}>
      <Textarea
        label="Note"
        placeholder="What you found, and what you did"
        autosize
        minRows={2}
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button
        type="submit"
        size="xs"
        variant="default"
        loading={busy === 'note'}
        disabled={text.trim() === ''}
      >
        Add note
      </Button>
    </form>
  );
}
