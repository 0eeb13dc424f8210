import { Anchor } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { credentialsQuery } from '../../api/queries.ts';
import type { Credential } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconLock, IconPlus } from '../../components/icons.ts';
import { OnceShown, type Secret } from '../../components/OnceShown.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { Rows } from '../../components/Rows.tsx';
import { useOrganization } from '../../session/session.ts';
import { BrokerActivity } from './BrokerActivity.tsx';
import { ConnectionDetails } from './ConnectionDetails.tsx';
import { CreateCredential } from './CreateCredential.tsx';
import { CredentialRow } from './CredentialRow.tsx';
import { RotateCredential } from './RotateCredential.tsx';

/** What devices sign in with, where they connect, and what came of it. */
export function Credentials() {
  const { id: org } = useOrganization();
  const query = useInfiniteQuery(credentialsQuery(org));
  const [creating, setCreating] = useState(false);
  const [rotating, setRotating] = useState<Credential>();
  const [question, setQuestion] = useState<Question>();
  const [secret, setSecret] = useState<Secret>();
  const credentials = query.data;
  const create = (
    <GatedButton needs="admin" leftSection={<IconPlus size={17} />} onClick={() => setCreating(true)}>
      Create credential
    </GatedButton>
  );
  return (
    <Page
      title="Credentials"
      description="User names and passwords for devices. Each reaches its own topics and nothing else."
      actions={credentials?.length === 0 ? undefined : create}
    >
      {query.error && (
        <Failure
          what="The credentials could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <Panel title="Credentials" flush>
        {credentials?.length === 0 && (
          <Empty icon={IconLock} title="No credentials yet" action={create}>
            One for the whole organization is enough to begin with; one for each device is safer.
          </Empty>
        )}
        <Rows label="Credentials">
          {credentials?.map((credential) => (
            <CredentialRow
              key={credential.id}
              credential={credential}
              onQuestion={setQuestion}
              onRotate={setRotating}
            />
          ))}
        </Rows>
        {query.hasNextPage && (
          <Anchor component="button" p="md" size="sm" onClick={() => void query.fetchNextPage()}>
            Show more
          </Anchor>
        )}
      </Panel>
      <ConnectionDetails />
      <BrokerActivity credentials={credentials ?? []} />
      <CreateCredential opened={creating} onClose={() => setCreating(false)} onSecret={setSecret} />
      <RotateCredential credential={rotating} onClose={() => setRotating(undefined)} onSecret={setSecret} />
      <OnceShown secret={secret} onClose={() => setSecret(undefined)} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Page>
  );
}
