import type { Integration } from '../../api/types.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Panel } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Integration.module.css';

/** What is signed in with at our broker: by devices, or by the customer's broker for a bridge. */
export function Account({ integration: { mode, name } }: { integration: Integration }) {
  const { id: org } = useOrganization();
  return (
    <Panel title={mode === 'bridge' ? 'How your broker signs in' : 'How devices sign in'}>
      <p className={classes.text}>
        {mode === 'bridge'
          ? `With a credential of its own, labelled “${name}”. Rotate it there for a new password.`
          : 'With a user name and a password each, or one for all of them.'}
      </p>
      <div className={classes.links}>
        <AnchorLink
          to={paths.credentials}
          params={{ org }}
          search={mode === 'bridge' ? { q: name } : {}}
          size="sm"
        >
          {mode === 'bridge' ? 'Its credential' : 'Credentials'}
        </AnchorLink>
        {mode === null && (
          <AnchorLink to={paths.connect} params={{ org }} search={{}} size="sm">
            Connect a device
          </AnchorLink>
        )}
      </div>
    </Panel>
  );
}
