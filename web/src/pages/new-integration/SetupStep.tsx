import type { Integration } from '../../api/types.ts';
import { Notice } from '../../components/Notice.tsx';
import type { Secrets } from '../../integrations/secrets.ts';
import { Step } from '../connect/Step.tsx';
import { SecretFields } from '../integrations/SecretFields.tsx';
import { SetupGuides } from '../integrations/SetupGuides.tsx';

const titles = {
  webhook: 'Let your broker post',
  bridge: 'Set up the bridge',
  forward: 'Start the forwarder',
  subscribe: 'Let us in at your broker',
} as const;

/** Step three: the secrets, once, and what to do at the broker with everything filled in. */
export function SetupStep({
  integration,
  secrets,
}: {
  integration: Integration;
  secrets: Secrets | undefined;
}) {
  const { id, mode, webhook_url } = integration;
  if (!mode) return null;
  return (
    <Step number={3} title={titles[mode]}>
      {secrets ? (
        <SecretFields secrets={secrets} url={webhook_url} />
      ) : (
        mode !== 'subscribe' && (
          <Notice kind="info">The secrets were shown once, and are not shown again.</Notice>
        )
      )}
      <SetupGuides integrationId={id} secrets={secrets} />
    </Step>
  );
}
