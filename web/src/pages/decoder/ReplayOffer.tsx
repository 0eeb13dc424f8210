import { Button, Group } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { quarantineQuery } from '../../api/queries.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Notice } from '../../components/Notice.tsx';
import { tellProblem } from '../../components/toasts.ts';
import { formatCount } from '../../format/value.ts';
import { replayQuestion } from '../../quarantine/replay-question.ts';
import { useReplay } from '../../quarantine/use-replay.ts';
import { useOrganization } from '../../session/session.ts';

/** What waits in quarantine isn't read anew by itself: after a decoder is saved it can be. */
export function ReplayOffer({ message: { id, reason } }: { message: { id: string; reason: string } }) {
  const { id: org } = useOrganization();
  const replay = useReplay(org);
  const { data: alike } = useInfiniteQuery(quarantineQuery(org, reason));
  const count = alike?.pages[0]?.total ?? 0;
  const [busy, setBusy] = useState(false);
  const [replayed, setReplayed] = useState<string>();
  const [question, setQuestion] = useState<Question>();
  const one = async () => {
    setBusy(true);
    try {
      await replay({ ids: [id] });
      setReplayed(id);
    } catch (error) {
      tellProblem('The message could not be replayed', error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Notice
      kind="info"
      title="Saved, for what comes from now on"
      role="status"
      action={
        <Group gap="xs">
          <Button size="xs" loading={busy} disabled={replayed === id} onClick={() => void one()}>
            Replay this message
          </Button>
          {count > 0 && (
            <Button
              size="xs"
              variant="default"
              onClick={() => setQuestion(replayQuestion(count, () => replay({ reason }), reason))}
            >
              Replay all {formatCount(count)} with {reason}
            </Button>
          )}
        </Group>
      }
    >
      What waits in quarantine stays there until it is replayed.
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Notice>
  );
}
