import { Changing } from '../../components/Changing.tsx';
import { IconArrowRight, IconCheck } from '../../components/icons.ts';
import { AnchorLink, ButtonLink } from '../../components/links.tsx';
import { Notice } from '../../components/Notice.tsx';
import { formatNumber } from '../../format/value.ts';
import type { Hindrance } from '../../integrations/arrival.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import connect from '../connect/Connect.module.css';
import { IntegrationStateMark } from '../integrations/IntegrationStateMark.tsx';
import classes from './NewIntegration.module.css';
import { useArrival } from './use-arrival.ts';

/** Waits beside the setup: turns green with the first message, and says what keeps it away meanwhile. */
export function Arrival({ integrationId }: { integrationId: string }) {
  const { id: org } = useOrganization();
  const { integration, arrived, hindrance } = useArrival(org, integrationId);
  return (
    <aside className={connect.watch} aria-label="First message" data-arrived={arrived || undefined}>
      <div aria-live="polite" className={classes.news}>
        <h2 className={connect.watchTitle}>
          {arrived ? (
            <IconCheck size={18} stroke={2.4} className={classes.good} aria-hidden />
          ) : (
            <span className={connect.pulse} aria-hidden />
          )}
          {arrived ? 'It works: the first message is here' : 'Waiting for the first message'}
        </h2>
        {integration?.status && !arrived && <IntegrationStateMark integration={integration} />}
        {hindrance && !arrived && <What hindrance={hindrance} />}
      </div>
      {arrived && integration && (
        <div className={connect.arrived}>
          <p className={classes.rate}>
            <Changing of={integration.messages_per_minute}>
              {formatNumber(integration.messages_per_minute)}
            </Changing>{' '}
            <small>messages/min</small>
          </p>
          <ButtonLink
            to={paths.devices}
            params={{ org }}
            rightSection={<IconArrowRight size={16} />}
            fullWidth
          >
            See the devices
          </ButtonLink>
        </div>
      )}
      <ButtonLink
        to={paths.integration}
        params={{ org, integration: integrationId }}
        variant="default"
        fullWidth
      >
        Open the integration
      </ButtonLink>
    </aside>
  );
}

function What({ hindrance }: { hindrance: Hindrance }) {
  const { id: org } = useOrganization();
  return (
    <Notice kind={hindrance.kind} title={hindrance.title}>
      <p className={connect.advice}>{hindrance.advice}</p>
      {hindrance.topic && <code className={connect.evidence}>{hindrance.topic}</code>}
      {hindrance.inQuarantine && (
        <p className={connect.advice}>
          <AnchorLink to={paths.quarantine} params={{ org }} search={{}} inherit>
            See it in quarantine
          </AnchorLink>
        </p>
      )}
    </Notice>
  );
}
