import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { quarantineQuery } from '../../api/queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { Panel } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Decoder.module.css';
import { DeviceMessages } from './DeviceMessages.tsx';
import { MessageButton } from './MessageButton.tsx';

type Source = 'quarantine' | 'device';

/** The messages there are to pick from: those in quarantine, and the last ones of each device. */
export function MessagePicker() {
  const search = useSearch({ from: paths.decoder });
  const [chosen, setChosen] = useState<Source>();
  const source = chosen ?? (search.device === undefined ? 'quarantine' : 'device');
  return (
    <Panel title="Message">
      <div className={classes.stack}>
        <SegmentedControl
          fullWidth
          size="sm"
          aria-label="Messages from"
          value={source}
          onChange={(value) => setChosen(value as Source)}
          data={[
            { value: 'quarantine', label: 'In quarantine' },
            { value: 'device', label: 'Of a device' },
          ]}
        />
        {source === 'quarantine' ? <QuarantinedMessages /> : <DeviceMessages />}
      </div>
    </Panel>
  );
}

function QuarantinedMessages() {
  const { id: org } = useOrganization();
  const { message: picked } = useSearch({ from: paths.decoder });
  const navigate = useNavigate({ from: paths.decoder });
  const query = useInfiniteQuery(quarantineQuery(org));
  const messages = query.data?.pages.flatMap((page) => page.items);
  if (query.error) return <Failure what="The messages could not be read" error={query.error} />;
  if (messages?.length === 0) {
    return <p className={classes.dim}>Quarantine is empty: every message was understood.</p>;
  }
  return (
    <ul className={classes.messages} aria-label="Messages in quarantine">
      {messages?.map((message) => (
        <MessageButton
          key={message.id}
          word={message.reason}
          isTrouble
          who={message.external_device_id ?? message.topic}
          at={message.received_at}
          payload={{ text: message.payload, base64: message.payload_base64 }}
          isPicked={message.id === picked}
          onPick={() => void navigate({ to: '.', search: { message: message.id } })}
        />
      ))}
      {query.hasNextPage && (
        <li>
          <button
            type="button"
            className={classes.older}
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            Show older messages
          </button>
        </li>
      )}
    </ul>
  );
}
