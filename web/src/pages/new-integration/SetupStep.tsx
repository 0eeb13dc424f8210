import { useEffect, useRef } from 'react';
import type { Integration } from '../../api/types.ts';
import type { Secrets } from '../../integrations/secrets.ts';
import { Step } from '../connect/Step.tsx';
import { SecretFields } from '../integrations/SecretFields.tsx';
import { SetupGuides } from '../integrations/SetupGuides.tsx';
import classes from './NewIntegration.module.css';

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
  const begin = useRef<HTMLDivElement>(null);
  const isNew = secrets !== undefined;
  // The button that made it is gone; what comes next is here.
  useEffect(() => {
    if (isNew) begin.current?.focus({ preventScroll: true });
  }, [isNew]);
  if (!mode) return null;
  return (
    <Step number={3} title={titles[mode]}>
      <div ref={begin} tabIndex={-1} className={classes.begin}>
        {secrets && <SecretFields secrets={secrets} url={webhook_url} />}
      </div>
      <SetupGuides integrationId={id} secrets={secrets} />
    </Step>
  );
}
