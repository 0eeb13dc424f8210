import { useRef, useState } from 'react';
import { answer, api } from '../../../api/client.ts';
import type { ConnectionTest } from '../../../api/types.ts';
import { useSubmit } from '../../../components/use-submit.ts';
import { type BrokerDraft, brokerBody, type TopicRow, topicsBody } from '../../../integrations/draft.ts';
import { useOrganization } from '../../../session/session.ts';

export interface Tried {
  broker: BrokerDraft;
  topics: TopicRow[];
  /** Whose kept secrets count where the broker has none. */
  integrationId?: string;
}

/** Tries a broker with what is typed; the last answer stands until what it was about changes. */
export function useConnectionTest(tried: Tried) {
  const { id: org } = useOrganization();
  const [result, setResult] = useState<{ of: string; test: ConnectionTest }>();
  const body = {
    broker: brokerBody(tried.broker),
    topics: topicsBody(tried.topics).flatMap(({ topic }) => (topic ? [topic] : [])),
    integration_id: tried.integrationId,
  };
  const of = JSON.stringify(body);
  const asked = useRef('');
  const { submit, busy, problem, fields } = useSubmit(async () => {
    asked.current = of;
    setResult(undefined);
    const test = await answer(
      api.POST('/api/v1/organizations/{org}/integrations/test', { params: { path: { org } }, body }),
    );
    setResult({ of, test });
  });
  const isOfThis = asked.current === of;
  return {
    run: () => void submit(undefined),
    busy,
    result: result?.of === of ? result.test : undefined,
    problem: isOfThis ? problem : undefined,
    fields: isOfThis ? fields : {},
  };
}
export type ConnectionTrial = ReturnType<typeof useConnectionTest>;
