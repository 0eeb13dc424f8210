import { useState } from 'react';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconRotate } from '../../components/icons.ts';
import { replayQuestion } from '../../quarantine/replay-question.ts';
import { useReplay } from '../../quarantine/use-replay.ts';
import { useOrganization } from '../../session/session.ts';

/** Replays everything that the page lists, also what it has not read yet. */
export function ReplayAll({ reason, count }: { reason: string | undefined; count: number }) {
  const { id: org } = useOrganization();
  const replay = useReplay(org);
  const [question, setQuestion] = useState<Question>();
  return (
    <>
      <GatedButton
        needs="member"
        variant="default"
        leftSection={<IconRotate size={16} />}
        onClick={() => setQuestion(replayQuestion(count, () => replay({ reason }), reason))}
      >
        {reason === undefined ? 'Replay all' : 'Replay all with this reason'}
      </GatedButton>
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}
