import type { Overview } from '../../api/types.ts';
import { BrokerPart, DatabasePart, HealthFact, HealthParts } from '../../components/HealthParts.tsx';
import { IconPlugConnected } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Panel } from '../../components/Page.tsx';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';

/** How the platform itself is, in short. */
export function Health({ overview: { broker, database, connections } }: { overview: Overview }) {
  const { id: org } = useOrganization();
  const details = (
    <AnchorLink to={paths.health} params={{ org }} size="sm" aria-label="Details of the platform’s health">
      Details
    </AnchorLink>
  );
  return (
    <Panel title="Platform" actions={details}>
      <HealthParts>
        <BrokerPart broker={broker} />
        <DatabasePart database={database} />
        <HealthFact icon={<IconPlugConnected size={18} stroke={1.8} aria-hidden />} name="Connections">
          <AnchorLink to={paths.connections} params={{ org }} search={{}} inherit>
            {plural(connections, 'MQTT client')}
          </AnchorLink>{' '}
          connected now
        </HealthFact>
      </HealthParts>
    </Panel>
  );
}
