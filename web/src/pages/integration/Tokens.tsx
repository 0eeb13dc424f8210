import { Button, Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { integrationTokensQuery } from '../../api/queries.ts';
import type { IntegrationToken } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconCircleCheck, IconClock } from '../../components/icons.ts';
import classes from '../../components/Rows.module.css';
import { Row, Rows } from '../../components/Rows.tsx';
import { tell } from '../../components/toasts.ts';
import { useNow } from '../../components/use-now.ts';
import { exactTime } from '../../format/time.ts';
import { useOrganization } from '../../session/session.ts';
import look from './Integration.module.css';

/** The tokens that are taken, newest first, each with its end. */
export function Tokens({ integrationId }: { integrationId: string }) {
  const { id: org } = useOrganization();
  const { data: tokens, error, refetch } = useQuery(integrationTokensQuery(org, integrationId));
  const [question, setQuestion] = useState<Question>();
  if (error) {
    return <Failure what="The tokens could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!tokens) return <Skeleton height={58} radius={0} />;
  return (
    <>
      <Rows label="Tokens">
        {tokens.map((token) => (
          <TokenRow
            key={token.id}
            token={token}
            isLast={tokens.length === 1}
            integrationId={integrationId}
            onQuestion={setQuestion}
          />
        ))}
      </Rows>
      {tokens.length === 0 && (
        <p className={look.none}>There is no token: nobody can post. Make a new one.</p>
      )}
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}

interface RowProps {
  token: IntegrationToken;
  isLast: boolean;
  integrationId: string;
  onQuestion: (question: Question) => void;
}

function TokenRow({ token, isLast, integrationId: integration, onQuestion }: RowProps) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const now = useNow();
  const { expires_at: end } = token;
  const isExpired = end !== null && Date.parse(end) <= now;
  const [Icon, word, tone] = isExpired
    ? ([IconClock, 'Expired', classes.past] as const)
    : end
      ? ([IconClock, 'Expires', classes.due] as const)
      : ([IconCircleCheck, 'Active', classes.good] as const);
  const made = exactTime(token.created_at);
  const ask = () =>
    onQuestion({
      title: 'Delete this token?',
      text: `Whoever posts with the token made on ${made} is refused from the next request on.${
        isLast ? ' It is the only one: nothing comes in any more until you make another.' : ''
      }`,
      verb: 'Delete token',
      danger: true,
      act: async () => {
        const path = { org, integration, token: token.id };
        const url = '/api/v1/organizations/{org}/integrations/{integration}/tokens/{token}';
        await answer(api.DELETE(url, { params: { path } }));
        await queries.invalidateQueries({ queryKey: integrationTokensQuery(org, integration).queryKey });
        tell('The token is deleted');
      },
    });
  return (
    <Row
      title={
        <>
          Made <Ago at={token.created_at} />
        </>
      }
      detail={
        <span className={classes.state}>
          <Icon size={16} stroke={1.9} className={tone} aria-hidden />
          <span>
            {word} {end && <Ago at={end} />}
          </span>
        </span>
      }
      actions={
        <Button size="xs" variant="default" onClick={ask} aria-label={`Delete the token made ${made}`}>
          Delete…
        </Button>
      }
    />
  );
}
