import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection } from '../../api/types.ts';
import { CopyField, CopyFields } from '../../components/CopyField.tsx';
import { Failure } from '../../components/Failure.tsx';
import { LoopbackNotice } from '../../components/LoopbackNotice.tsx';
import { Panel } from '../../components/Page.tsx';
import { address } from '../../connect/snippets.ts';
import { formatBytes } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Credentials.module.css';

/** Where devices connect: what their settings ask for, one by one. */
export function ConnectionDetails() {
  const { id: org } = useOrganization();
  const { data: connection, error, refetch } = useQuery(connectionQuery(org));
  return (
    <Panel title="Connection details">
      {error && (
        <Failure what="The broker’s address could not be read" error={error} onRetry={() => void refetch()} />
      )}
      {!connection && !error && <Skeleton height={220} />}
      {connection && <Details connection={connection} />}
    </Panel>
  );
}

function Details({ connection }: { connection: Connection }) {
  const { host, mqtt, mqtts, ws, wss, topic_prefix, protocol_versions, max_message_bytes } = connection;
  return (
    <div className={classes.details}>
      <CopyFields>
        <CopyField label="Host" value={host} />
        {mqtt && <CopyField label="MQTT port" value={String(address(mqtt).port)} note="Not encrypted" />}
        {mqtts && <CopyField label="MQTTS port" value={String(address(mqtts).port)} note="TLS" />}
        {ws && <CopyField label="WebSocket" value={ws} note="Not encrypted" />}
        {wss && <CopyField label="Secure WebSocket" value={wss} />}
        <CopyField
          label="Topic prefix"
          value={topic_prefix}
          note="Then the device’s id and /telemetry. A device’s own credential reaches only what is below its id."
        />
      </CopyFields>
      <p className={classes.limits}>
        MQTT {protocol_versions.join(' and ')}. Messages up to {formatBytes(max_message_bytes)}.
      </p>
      {connection.loopback_only && <LoopbackNotice />}
    </div>
  );
}
