import type { ReactNode } from 'react';
import type { Integration } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Changing } from '../../components/Changing.tsx';
import { AnchorLink } from '../../components/links.tsx';
import { formatNumber } from '../../format/value.ts';
import { formatShare } from '../../integrations/state.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Integration.module.css';

/** What its traffic says of it. */
export function Figures({ integration }: { integration: Integration }) {
  const { id: org } = useOrganization();
  const { messages_per_minute: rate, failed_share: failed, last_message_at } = integration;
  return (
    <dl className={classes.figures}>
      <Figure label="Messages/min" note="over the last 5 minutes">
        <Changing of={rate}>{formatNumber(rate)}</Changing>
      </Figure>
      <Figure
        label="Failed"
        note={
          <AnchorLink to={paths.quarantine} params={{ org }} search={{}} inherit>
            Quarantine
          </AnchorLink>
        }
      >
        <Changing of={failed} className={failed ? classes.warn : undefined}>
          {formatShare(failed)}
        </Changing>
      </Figure>
      <Figure label="Last message">
        <Ago at={last_message_at} never="None yet" />
      </Figure>
    </dl>
  );
}

function Figure({ label, note, children }: { label: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.figure}>
      <dt>{label}</dt>
      <dd className="figures">{children}</dd>
      {note && <dd className={classes.note}>{note}</dd>}
    </div>
  );
}
