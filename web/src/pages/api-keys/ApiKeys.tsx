import { Anchor, Button, Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { apiKeysQuery } from '../../api/queries.ts';
import type { ApiKey } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconBan, IconCircleCheck, IconClock, IconKey, IconPlus } from '../../components/icons.ts';
import { Notice } from '../../components/Notice.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import classes from '../../components/Rows.module.css';
import { Row, Rows } from '../../components/Rows.tsx';
import { tell } from '../../components/toasts.ts';
import { useNow } from '../../components/use-now.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { CreateApiKey } from './CreateApiKey.tsx';

/** Keys for programs that use the API. */
export function ApiKeys() {
  const { id: org } = useOrganization();
  const permission = usePermission('admin');
  const keys = useQuery({ ...apiKeysQuery(org), enabled: permission.allowed });
  const [creating, setCreating] = useState(false);
  const [question, setQuestion] = useState<Question>();
  const create = (
    <GatedButton needs="admin" leftSection={<IconPlus size={17} />} onClick={() => setCreating(true)}>
      Create API key
    </GatedButton>
  );
  return (
    <Page
      title="API keys"
      description={
        <>
          For programs, each with a role of its own. What they can do stands in the{' '}
          <Anchor href="/docs" inherit>
            API reference
          </Anchor>
          .
        </>
      }
      actions={create}
    >
      {!permission.allowed && (
        <Notice kind="info" title="You can’t see API keys">
          {permission.why}
        </Notice>
      )}
      {keys.error && (
        <Failure what="The keys could not be read" error={keys.error} onRetry={() => void keys.refetch()} />
      )}
      {keys.isLoading && <Skeleton height={106} radius={10} />}
      {keys.data?.length === 0 && (
        <Panel>
          <Empty icon={IconKey} title="No API keys yet">
            A key lets a program read devices and telemetry, or manage them, without anybody’s password.
          </Empty>
        </Panel>
      )}
      {keys.data && keys.data.length > 0 && (
        <Panel title="API keys" flush>
          <Rows label="API keys">
            {keys.data.map((key) => (
              <KeyRow key={key.id} apiKey={key} onQuestion={setQuestion} />
            ))}
          </Rows>
        </Panel>
      )}
      <CreateApiKey opened={creating} onClose={() => setCreating(false)} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Page>
  );
}

function KeyRow({ apiKey, onQuestion }: { apiKey: ApiKey; onQuestion: (question: Question) => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const now = useNow();
  const expired = apiKey.expires_at !== null && Date.parse(apiKey.expires_at) <= now;
  const askToRevoke = () =>
    onQuestion({
      title: `Revoke ${apiKey.name}?`,
      text: usage(apiKey),
      verb: 'Revoke key',
      danger: true,
      act: async () => {
        const path = { org, key: apiKey.id };
        await answer(api.DELETE('/api/v1/organizations/{org}/api-keys/{key}', { params: { path } }));
        await queries.invalidateQueries({ queryKey: apiKeysQuery(org).queryKey });
        tell(`${apiKey.name} is revoked`);
      },
    });
  return (
    <Row
      title={apiKey.name}
      detail={
        <>
          <code className={classes.code}>{apiKey.key_prefix}…</code>
          <span>{apiKey.role}</span>
          {apiKey.last_used_at ? (
            <span>
              last used <Ago at={apiKey.last_used_at} />
            </span>
          ) : (
            <span>never used</span>
          )}
          {apiKey.expires_at && !expired && (
            <span>
              expires <Ago at={apiKey.expires_at} />
            </span>
          )}
        </>
      }
      actions={
        <>
          <State revoked={apiKey.revoked_at !== null} expired={expired} />
          {!apiKey.revoked_at && (
            <Button size="xs" variant="default" onClick={askToRevoke} aria-label={`Revoke ${apiKey.name}`}>
              Revoke
            </Button>
          )}
        </>
      }
    />
  );
}

function State({ revoked, expired }: { revoked: boolean; expired: boolean }) {
  const [Icon, word, look] = revoked
    ? ([IconBan, 'Revoked', classes.past] as const)
    : expired
      ? ([IconClock, 'Expired', classes.due] as const)
      : ([IconCircleCheck, 'Active', classes.good] as const);
  return (
    <span className={classes.state}>
      <Icon size={16} stroke={1.9} className={look} aria-hidden />
      {word}
    </span>
  );
}

function usage({ last_used_at }: ApiKey): ReactNode {
  return (
    <>
      {last_used_at ? (
        <>
          It was last used <Ago at={last_used_at} />.
        </>
      ) : (
        'It was never used.'
      )}{' '}
      Programs that use it are refused from their next request on. This can’t be undone.
    </>
  );
}
