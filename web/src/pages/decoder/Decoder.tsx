import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { integrationsQuery } from '../../api/queries.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconFlask } from '../../components/icons.ts';
import { Notice } from '../../components/Notice.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Decoder.module.css';
import type { Draft } from './draft.ts';
import { MessagePicker } from './MessagePicker.tsx';
import { PayloadPanel } from './PayloadPanel.tsx';
import { readToday, targetKey } from './targets.ts';
import { type BenchMessage, useBenchMessage } from './use-message.ts';
import { Workbench } from './Workbench.tsx';

/** The decoder bench: a message that really arrived, and what decoders make of it, until it is right and saved. */
export function Decoder() {
  const { id: org } = useOrganization();
  const search = useSearch({ from: paths.decoder });
  const { message: read, error } = useBenchMessage(org, search);
  const isAsked = search.message !== undefined || search.at !== undefined;
  const [drafts, setDrafts] = useState<Drafts>({});
  // Until the next message is read the one before stands there: the page doesn't jump at every pick.
  const last = useRef<BenchMessage>(undefined);
  if (read) last.current = read;
  const message = read === undefined && isAsked && !error ? last.current : read;
  return (
    <Page
      title="Decoder bench"
      description="Pick a message, and change how it is read until its readings are right."
    >
      <div className={classes.columns}>
        <div className={classes.column}>
          <MessagePicker />
          {message && <PayloadPanel message={message} />}
        </div>
        <div className={classes.column}>
          {error && <Failure what="The message could not be read" error={error} />}
          {message === null && (
            <Notice kind="info" title="This message is no longer kept">
              Of each device the last 20 messages are kept. Pick one of those on the list.
            </Notice>
          )}
          {!isAsked && <NothingPicked />}
          {isAsked && message === undefined && !error && <Skeleton height={240} radius={10} />}
          {message && <OfIntegration message={message} drafts={drafts} onDrafts={setDrafts} />}
        </div>
      </div>
    </Page>
  );
}

function NothingPicked() {
  return (
    <Panel flush>
      <Empty icon={IconFlask} title="Pick a message">
        Its bytes, the decoder and the readings it makes of them will stand here. Nothing is stored or changed
        until you save.
      </Empty>
    </Panel>
  );
}

/** What is being written stays over all messages that are read alike: it has to fit them all. */
type Drafts = Record<string, Draft | undefined>;

function OfIntegration({
  message,
  drafts,
  onDrafts,
}: {
  message: BenchMessage;
  drafts: Drafts;
  onDrafts: (drafts: Drafts) => void;
}) {
  const { id: org } = useOrganization();
  // Anew on every visit: what the bench begins with, and saves over, may have been changed elsewhere.
  const {
    data: integrations,
    error,
    refetch,
  } = useQuery({
    ...integrationsQuery(org),
    refetchOnMount: 'always',
  });
  if (error) {
    return <Failure what="The integrations could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!integrations) return <Skeleton height={240} radius={10} />;
  const integration = integrations.find(({ id }) => id === message.integrationId);
  const today = integration && readToday(integration, message.topic);
  const key = `${message.integrationId} ${today && targetKey(today.target)}`;
  return (
    <Workbench
      key={key}
      message={message}
      integration={integration}
      today={today}
      edited={drafts[key]}
      onEdited={(edited) => onDrafts({ ...drafts, [key]: edited })}
    />
  );
}
