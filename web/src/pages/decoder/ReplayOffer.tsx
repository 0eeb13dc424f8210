import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../components/Notice.tsx';
import { tellProblem } from '../../components/toasts.ts';
import { useReplay } from '../../quarantine/use-replay.ts';
import { useOrganization } from '../../session/session.ts';

/** What waits in quarantine isn't read anew by itself: after a decoder is saved it can be. */
export function ReplayOffer({ message: { id, reason } }: { message: { id: string; reason: string } }) {
  const { id: org } = useOrganization();
  const replay = useReplay(org);
  const [busy, setBusy] = useState<string>();
  const act = async (what: string, wanted: { ids: string[] } | { reason: string }) => {
    setBusy(what);
    try {
      await replay(wanted);
    } catch (error) {
      tellProblem('The messages could not be replayed', error);
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <Notice
      kind="info"
      title="Saved, for what comes from now on"
      role="status"
      action={
        <Group gap="xs">
          <Button
            size="xs"
            loading={busy === 'one'}
            disabled={busy !== undefined}
            onClick={() => void act('one', { ids: [id] })}
          >
            Replay this message
          </Button>
          <Button
            size="xs"
            variant="default"
            loading={busy === 'all'}
            disabled={busy !== undefined}
            onClick={() => void act('all', { reason })}
          >
            Replay all with {reason}
          </Button>
        </Group>
      }
    >
      What waits in quarantine stays there until it is replayed.
    </Notice>
  );
}
