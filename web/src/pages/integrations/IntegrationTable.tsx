import type { Integration } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Changing } from '../../components/Changing.tsx';
import { AnchorLink } from '../../components/links.tsx';
import { formatNumber } from '../../format/value.ts';
import { formatShare } from '../../integrations/state.ts';
import { wayOf } from '../../integrations/ways.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { IntegrationStateMark } from './IntegrationStateMark.tsx';
import classes from './Integrations.module.css';

/** The hosted broker, which every organization has, and then the others by age. */
export function IntegrationTable({ integrations }: { integrations: Integration[] }) {
  const hostedFirst = integrations.toSorted((a, b) => Number(a.mode !== null) - Number(b.mode !== null));
  return (
    <table className={classes.table} aria-label="Integrations">
      <thead>
        <tr className={`${classes.row} ${classes.head}`}>
          <th>Integration</th>
          <th>State</th>
          <th className={classes.figure}>Messages/min</th>
          <th className={classes.figure}>Failed</th>
          <th className={classes.last}>Last message</th>
        </tr>
      </thead>
      <tbody>
        {hostedFirst.map((integration) => (
          <IntegrationRow key={integration.id} integration={integration} />
        ))}
      </tbody>
    </table>
  );
}

function IntegrationRow({ integration }: { integration: Integration }) {
  const { id: org } = useOrganization();
  const { id, name, messages_per_minute: rate, failed_share: failed } = integration;
  return (
    <tr className={classes.row}>
      <td className={classes.name}>
        <AnchorLink to={paths.integration} params={{ org, integration: id }} inherit className={classes.link}>
          {name}
        </AnchorLink>
        {integration.mode && <span className={classes.way}>{wayOf(integration)}</span>}
      </td>
      <td>
        <IntegrationStateMark integration={integration} />
      </td>
      <td className={`figures ${classes.figure}`} data-label="messages/min">
        <Changing of={rate} className={rate === 0 ? classes.none : undefined}>
          {formatNumber(rate)}
        </Changing>
      </td>
      <td
        className={`figures ${classes.figure}`}
        data-label="failed"
        data-unknown={failed === null || undefined}
      >
        <Changing of={failed} className={failed ? classes.warn : classes.none}>
          {formatShare(failed)}
        </Changing>
      </td>
      <td
        className={classes.last}
        data-label="last message"
        data-unknown={integration.last_message_at === null || undefined}
      >
        <Ago at={integration.last_message_at} />
      </td>
    </tr>
  );
}
