import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { integrationQuery } from '../../api/queries.ts';
import type { CreatedIntegration } from '../../api/types.ts';
import { BrokerChoice } from '../../components/BrokerChoice.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Notice } from '../../components/Notice.tsx';
import { Page } from '../../components/Page.tsx';
import { type Way, ways } from '../../integrations/ways.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import connect from '../connect/Connect.module.css';
import { Step } from '../connect/Step.tsx';
import { Arrival } from './Arrival.tsx';
import { Brief } from './Brief.tsx';
import { SettingsStep } from './SettingsStep.tsx';
import { SetupStep } from './SetupStep.tsx';
import { newSettings } from './settings.ts';
import { WayStep } from './WayStep.tsx';

/** From a broker of one's own to its first message here, in three steps. */
export function NewIntegration() {
  const permission = usePermission('admin');
  return (
    <Page
      title="Connect your own broker"
      description="Keep your broker and your devices as they are; their messages come here as well."
    >
      {permission.allowed ? (
        <Wizard />
      ) : (
        <Notice kind="info" title="You can’t connect brokers">
          {permission.why} Ask one of them to connect it.
        </Notice>
      )}
    </Page>
  );
}

function Wizard() {
  const { id: org } = useOrganization();
  const { way, made: madeId } = useSearch({ from: paths.newIntegration });
  const navigate = useNavigate({ from: paths.newIntegration });
  const [settings, setSettings] = useState(newSettings);
  const [made, setMade] = useState<CreatedIntegration>();
  // A page that was reloaded: all but the secrets is known.
  const existing = useQuery({ ...integrationQuery(org, madeId ?? ''), enabled: madeId !== undefined });

  const choose = (chosen: Way | undefined) => void navigate({ to: '.', search: { way: chosen } });
  const keep = (created: CreatedIntegration) => {
    setMade(created);
    // Back leads to where one came from, not to a form that would make it twice.
    void navigate({ to: '.', search: { made: created.id }, replace: true });
  };

  if (madeId === undefined) {
    return (
      <div className={connect.steps}>
        <BrokerChoice />
        <WayStep way={way} onChoose={choose} />
        {way && <SettingsStep key={way} way={way} settings={settings} onChange={setSettings} onMade={keep} />}
      </div>
    );
  }
  const integration = existing.data ?? (made?.id === madeId ? made : undefined);
  if (existing.error) return <Failure what="This integration could not be read" error={existing.error} />;
  if (!integration) return <Skeleton height={320} radius={10} />;
  const secrets = made?.id === madeId ? made : undefined;
  return (
    <div className={connect.columns}>
      <div className={connect.steps}>
        <Step number={1} title={integration.mode ? ways[integration.mode].title : 'Hosted broker'} done />
        <Step number={2} title="Settings" done brief={<Brief integration={integration} />} />
        <SetupStep integration={integration} secrets={secrets} />
      </div>
      <Arrival key={integration.id} integrationId={integration.id} />
    </div>
  );
}
