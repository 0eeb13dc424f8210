import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { connectionQuery, credentialQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Connection, Credential } from '../../api/types.ts';
import { BrokerChoice } from '../../components/BrokerChoice.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Page } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Connect.module.css';
import { CredentialStep } from './CredentialStep.tsx';
import { RunStep } from './RunStep.tsx';
import { Watch } from './Watch.tsx';

/** What is known of the credential: its password only just after it was made. */
export interface Chosen {
  credential: Pick<Credential, 'id' | 'username' | 'topic_prefix' | 'external_device_id' | 'label'>;
  password: string | undefined;
  /** The device of the commands. */
  deviceId: string;
  since: number;
}

export const exampleDevice = 'my-first-device';

/** From nothing to the first value on screen. */
export function Connect() {
  const { id: org } = useOrganization();
  const search = useSearch({ from: paths.connect });
  const navigate = useNavigate({ from: paths.connect });
  const [made, setMade] = useState<Chosen>();
  const [openedAt] = useState(serverNow);
  const connection = useQuery(connectionQuery(org));
  // A page that was reloaded, or a credential that was made before: all but the password is known.
  const existing = useQuery({
    ...credentialQuery(org, search.credential ?? ''),
    enabled: search.credential !== undefined && search.credential !== made?.credential.id,
  });

  const choose = (chosen: Chosen) => {
    setMade(chosen);
    const device = chosen.credential.external_device_id ? undefined : chosen.deviceId;
    void navigate({ to: '.', search: { credential: chosen.credential.id, device }, resetScroll: false });
  };
  const chosen = chosenOf({ made, existing: existing.data, search, openedAt });
  const pending = search.credential !== undefined && !chosen && !existing.error;

  return (
    <Page
      title="Connect a device"
      description="A user name and password, a command to try them, and the first value on screen."
    >
      {connection.error && (
        <Failure
          what="The broker’s address could not be read"
          error={connection.error}
          onRetry={() => void connection.refetch()}
        />
      )}
      {existing.error && <Failure what="This credential could not be read" error={existing.error} />}
      {!search.credential && <BrokerChoice />}
      <div className={classes.columns}>
        <div className={classes.steps}>
          {!pending && <CredentialStep chosen={chosen} device={search.device} onChosen={choose} />}
          {(pending || !connection.data) && <Skeleton height={320} radius={10} />}
          {chosen && connection.data && (
            <RunStep key={chosen.credential.id} chosen={chosen} connection={connection.data} />
          )}
        </div>
        {chosen && connection.data && (
          <Watch
            key={`${chosen.credential.id}/${chosen.deviceId}`}
            awaited={{
              org,
              credentialId: chosen.credential.id,
              externalDeviceId: chosen.deviceId,
              anyDevice: !chosen.credential.external_device_id,
              topic: topicOf(chosen),
              since: chosen.since,
            }}
            connection={connection.data satisfies Connection}
          />
        )}
      </div>
    </Page>
  );
}

/** The topic that the commands publish to. */
export function topicOf({ credential, deviceId }: Pick<Chosen, 'credential' | 'deviceId'>): string {
  const prefix = credential.topic_prefix.replace(/#$/, '');
  return credential.external_device_id ? `${prefix}telemetry` : `${prefix}${deviceId}/telemetry`;
}

function chosenOf(known: {
  made: Chosen | undefined;
  existing: Credential | undefined;
  search: { credential?: string; device?: string };
  openedAt: number;
}): Chosen | undefined {
  const { made, existing, search, openedAt } = known;
  if (!search.credential) return undefined;
  if (made?.credential.id === search.credential) return made;
  if (existing?.id !== search.credential) return undefined;
  const deviceId = existing.external_device_id ?? search.device ?? exampleDevice;
  return { credential: existing, password: undefined, deviceId, since: openedAt };
}
