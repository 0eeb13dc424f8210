import { useState } from 'react';
import type { LiveConnection } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { AnchorLink } from '../../components/links.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Connections.module.css';
import { useDisconnect } from './use-disconnect.ts';

const transports: Record<LiveConnection['transport'], string> = {
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WebSocket',
  wss: 'secure WebSocket',
};

/** Clients that are connected, each with where it comes from and a way to end it. */
export function ConnectionTable({ connections }: { connections: LiveConnection[] }) {
  const [question, setQuestion] = useState<Question>();
  return (
    <>
      <table className={classes.table} aria-label="Connections">
        <thead>
          <tr className={`${classes.row} ${classes.head}`}>
            <th>Client</th>
            <th>Credential</th>
            <th>Address</th>
            <th>Connected</th>
            <th>
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <ConnectionRow key={connection.id} connection={connection} onQuestion={setQuestion} />
          ))}
        </tbody>
      </table>
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}

interface RowProps {
  connection: LiveConnection;
  onQuestion: (question: Question) => void;
}

function ConnectionRow({ connection, onQuestion }: RowProps) {
  const { id: org } = useOrganization();
  const disconnect = useDisconnect();
  const { client_id, username, label, device_id, external_device_id, protocol_version } = connection;
  const isEnding = connection.disconnect_asked_at !== null;
  const ask = () =>
    onQuestion({
      title: `Disconnect ${client_id}?`,
      text: 'Its connection is closed, and its last will is published. It may connect again at once; to keep it out, disable its credential.',
      verb: 'Disconnect',
      act: () => disconnect(connection),
    });
  return (
    <tr className={classes.row}>
      <td className={classes.client}>
        <code>{client_id}</code>
        <span className={classes.dim}>
          MQTT {protocol_version} over {transports[connection.transport]}
        </span>
      </td>
      <td className={classes.credential}>
        <AnchorLink to={paths.credentials} params={{ org }} search={{ q: username }} inherit>
          {label || username}
        </AnchorLink>
        {device_id && (
          <span className={classes.dim}>
            device{' '}
            <AnchorLink to={paths.device} params={{ org, device: device_id }} inherit>
              {external_device_id}
            </AnchorLink>
          </span>
        )}
      </td>
      <td className={classes.address} data-label="From">
        {connection.remote_address}
      </td>
      <td className={classes.since} data-label="Connected">
        <Ago at={connection.connected_at} />
      </td>
      <td className={classes.actions}>
        <GatedButton
          needs="admin"
          size="xs"
          variant="default"
          loading={isEnding}
          aria-label={`Disconnect ${client_id}`}
          onClick={ask}
        >
          Disconnect
        </GatedButton>
      </td>
    </tr>
  );
}
