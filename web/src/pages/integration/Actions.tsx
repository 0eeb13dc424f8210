import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Integration } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { IconPlayerPause, IconPlayerPlay, IconTrash } from '../../components/icons.ts';
import { tell, tellProblem } from '../../components/toasts.ts';
import type { Way } from '../../integrations/ways.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { useChanges } from './use-changes.ts';

/** What stops with it, in each way. */
const stops: Record<Way, string> = {
  webhook: 'What your broker posts is refused, and not kept, until you start it again.',
  forward: 'The forwarder is refused; your broker keeps its messages until you start it again.',
  subscribe: 'We disconnect from your broker. What it keeps for us comes when you start it again.',
  bridge: 'Your broker can’t sign in any more; it keeps its messages until you start it again.',
};

const afterwards: Record<Way, string> = {
  webhook: 'Its address and its tokens stop working at once.',
  forward: 'Its address and its tokens stop working at once: the forwarder is refused.',
  subscribe: 'We disconnect from your broker and forget its password.',
  bridge: 'The bridge’s credential is deleted with it: your broker can’t sign in any more.',
};

/** Stop, start and delete. The hosted broker has none of them. */
export function Actions({ integration }: { integration: Integration }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate();
  const { change, remove } = useChanges(integration.id);
  const [question, setQuestion] = useState<Question>();
  const [starting, setStarting] = useState(false);
  const { name, mode, enabled } = integration;
  if (!mode) return null;
  const askToStop = () =>
    setQuestion({
      title: `Stop ${name}?`,
      text: stops[mode],
      verb: 'Stop integration',
      act: async () => {
        await change({ enabled: false });
        tell(`${name} is stopped`);
      },
    });
  const askToDelete = () =>
    setQuestion({
      title: `Delete ${name}?`,
      text: (
        <>
          <p style={{ margin: '0 0 8px' }}>{afterwards[mode]}</p>
          Its messages in quarantine, its counts and its activity are lost. Devices and their readings stay.
          This can’t be undone.
        </>
      ),
      verb: 'Delete integration',
      danger: true,
      act: async () => {
        await remove();
        tell(`${name} is deleted`);
        void navigate({ to: paths.integrations, params: { org } });
      },
    });
  const start = async () => {
    setStarting(true);
    try {
      await change({ enabled: true });
      tell(`${name} is started`);
    } catch (error) {
      tellProblem(`${name} is still stopped`, error);
    } finally {
      setStarting(false);
    }
  };
  return (
    <>
      {/* One button that changes its words: the focus stays where it was. */}
      <Button
        variant="default"
        miw={98}
        leftSection={enabled ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
        loading={starting}
        onClick={() => (enabled ? askToStop() : void start())}
      >
        {enabled ? 'Stop…' : 'Start'}
      </Button>
      <Button variant="default" leftSection={<IconTrash size={16} />} onClick={askToDelete}>
        Delete…
      </Button>
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}
