import { useQuery } from '@tanstack/react-query';
import { connectionQuery } from '../../api/queries.ts';
import { CopyField, CopyFields } from '../../components/CopyField.tsx';
import { Panel } from '../../components/Page.tsx';
import { formatBytes } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import { LoopbackNotice } from '../connect/LoopbackNotice.tsx';

/** Where devices connect. */
export function ConnectionDetails() {
  const { id: org } = useOrganization();
  const { data: connection } = useQuery(connectionQuery(org));
  if (!connection) return null;
  const addresses = [
    { label: 'MQTT', value: connection.mqtt },
    { label: 'MQTT over TLS', value: connection.mqtts },
    { label: 'WebSocket', value: connection.ws },
    { label: 'WebSocket over TLS', value: connection.wss },
  ];
  return (
    <Panel title="Connection details">
      <div style={{ display: 'grid', gap: 14 }}>
        <CopyFields>
          {addresses.map(
            ({ label, value }) => value && <CopyField key={label} label={label} value={value} />,
          )}
          <CopyField label="Topic prefix" value={connection.topic_prefix} />
        </CopyFields>
        <p style={{ margin: 0, fontSize: 13, color: 'var(--text-dim)' }}>
          MQTT {connection.protocol_versions.join(' and ')}; messages up to{' '}
          {formatBytes(connection.max_message_bytes)}.
        </p>
        {connection.loopback_only && <LoopbackNotice elsewhere={false} />}
      </div>
    </Panel>
  );
}
