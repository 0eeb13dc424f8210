import type { Integration } from '../../api/types.ts';
import { Panel } from '../../components/Page.tsx';
import { EditBroker } from './EditBroker.tsx';
import { EditDialog } from './EditDialog.tsx';
import classes from './Integration.module.css';

/** The customer's broker, and how we sign in there. */
export function Broker({ integration }: { integration: Integration }) {
  const { broker } = integration;
  return (
    <Panel
      title="Your broker"
      actions={
        <EditDialog title="Edit the broker">
          {(close) => <EditBroker integration={integration} onClose={close} />}
        </EditDialog>
      }
    >
      {!broker && (
        <p className={classes.text}>Its address is not known yet. Edit it, and test the connection.</p>
      )}
      {broker && (
        <dl className={classes.facts}>
          <div>
            <dt>Address</dt>
            <dd>
              <code>{broker.url}</code>
            </dd>
          </div>
          <div>
            <dt>Signs in</dt>
            <dd>{signsIn(broker)}</dd>
          </div>
          <div>
            <dt>MQTT</dt>
            <dd>{broker.protocol_version}</dd>
          </div>
          {(broker.ca || broker.client_certificate) && (
            <div>
              <dt>Certificates</dt>
              <dd>{certificates(broker)}</dd>
            </div>
          )}
        </dl>
      )}
    </Panel>
  );
}

type Shown = NonNullable<Integration['broker']>;

function signsIn({ username, has_password }: Shown): string {
  if (!username) return 'Without a user name';
  return has_password ? `As ${username}, with a password` : `As ${username}, without a password`;
}

function certificates({ ca, client_certificate }: Shown): string {
  const has = [ca && 'a CA of your own', client_certificate && 'a client certificate'].filter(Boolean);
  const text = has.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
