import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { Quarantined } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { IconRotate, IconTrash } from '../../components/icons.ts';
import { useSteady } from '../../components/use-steady.ts';
import { formatCount, plural } from '../../format/value.ts';
import { replayQuestion } from '../../quarantine/replay-question.ts';
import { useReplay } from '../../quarantine/use-replay.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { MessageRow } from './MessageRow.tsx';
import classes from './Quarantine.module.css';
import { discardQuestion, useDiscard } from './use-discard.ts';

interface Props {
  messages: Quarantined[];
  /** How many there are altogether, where that is known. */
  total: number | undefined;
}

/** The list, and what can be done with what is selected in it. */
export function Messages({ messages, total }: Props) {
  const { id: org } = useOrganization();
  const mayAct = usePermission('member').allowed;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [question, setQuestion] = useState<Question>();
  const busy = messages.some(({ id }) => open.has(id) || chosen.has(id));
  const { shown, newer, showNewer } = useSteady(messages, receivedAt, busy);
  const selected = shown.filter(({ id }) => chosen.has(id));
  const discard = useDiscard(org);
  const replay = useReplay(org);

  const ask = (of: (act: () => Promise<void>) => Question, act: () => Promise<void>) =>
    setQuestion(
      of(async () => {
        try {
          await act();
        } finally {
          setChosen(new Set());
        }
      }),
    );
  const askToDiscard = (asked: Quarantined[]) =>
    ask(
      (act) => discardQuestion(asked, act),
      () => discard(asked),
    );
  const askToReplay = (asked: Quarantined[]) =>
    ask(
      (act) => replayQuestion(asked.length, act),
      () => replay({ ids: asked.map(({ id }) => id) }),
    );

  return (
    <>
      <div className={classes.list}>
        {mayAct && (
          <div className={classes.bar}>
            <Checkbox
              label={selected.length > 0 ? `${formatCount(selected.length)} selected` : 'Select all shown'}
              checked={selected.length === shown.length}
              indeterminate={selected.length > 0 && selected.length < shown.length}
              onChange={({ currentTarget }) =>
                setChosen(new Set(currentTarget.checked ? shown.map(({ id }) => id) : []))
              }
            />
            {selected.length > 0 && (
              <div className={classes.actions}>
                <Button
                  size="xs"
                  variant="light"
                  leftSection={<IconRotate size={15} />}
                  onClick={() => askToReplay(selected)}
                >
                  Replay {plural(selected.length, 'message')}
                </Button>
                <Button
                  size="xs"
                  variant="light"
                  color="red"
                  leftSection={<IconTrash size={15} />}
                  onClick={() => askToDiscard(selected)}
                >
                  Discard {plural(selected.length, 'message')}
                </Button>
              </div>
            )}
          </div>
        )}
        {newer > 0 && (
          <button type="button" className={classes.newer} onClick={() => showNewer()}>
            Show {plural(newer, 'newer message')}
          </button>
        )}
        <ul className={classes.rows} aria-label="Quarantined messages">
          {shown.map((message) => (
            <MessageRow
              key={message.id}
              message={message}
              open={open.has(message.id)}
              onOpen={() => setOpen(toggled(open, message.id))}
              actions={
                mayAct
                  ? {
                      selected: chosen.has(message.id),
                      onSelect: () => setChosen(toggled(chosen, message.id)),
                      onReplay: () => askToReplay([message]),
                      onDiscard: () => askToDiscard([message]),
                    }
                  : undefined
              }
            />
          ))}
        </ul>
      </div>
      {total !== undefined && total > messages.length && (
        <p className={classes.share}>
          {formatCount(messages.length)} of {plural(total, 'message')} shown
        </p>
      )}
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}

function receivedAt({ received_at }: Quarantined): string {
  return received_at;
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
