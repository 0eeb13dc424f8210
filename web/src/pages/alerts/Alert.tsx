import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { resolutions } from '../../../../src/domain/alert.ts';
import { SeverityMark } from '../../alerts/Severity.tsx';
import { alertQuery } from '../../api/alert-queries.ts';
import { deviceQuery } from '../../api/queries.ts';
import type { AlertWithEvents } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconChevronLeft } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { useMetrics } from '../../device-types/use-metrics.ts';
import { exactTime } from '../../format/time.ts';
import { formatValue } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './Alert.module.css';
import { AlertButtons } from './AlertButtons.tsx';
import { AlertChart } from './AlertChart.tsx';
import { Where } from './AlertList.tsx';
import { AlertStateMark } from './AlertStateMark.tsx';
import { AlertTrail } from './AlertTrail.tsx';

/** One alert: what and since when, on its chart, and all that was done about it. */
export function Alert() {
  const { id: org } = useOrganization();
  const { alert: id } = useParams({ from: paths.alert });
  const query = useQuery(alertQuery(org, id));
  const alert = query.data;
  const mayAct = usePermission('member').allowed;
  return (
    <Page
      title={alert?.rule_name ?? 'Alert'}
      aside={alert && <SeverityMark severity={alert.severity} />}
      description={alert?.summary}
      actions={alert && mayAct && <AlertButtons alerts={[alert]} />}
      above={
        <AnchorLink to={paths.alerts} params={{ org }} className={classes.back} size="sm">
          <IconChevronLeft size={16} aria-hidden /> Alerts
        </AnchorLink>
      }
    >
      {query.error && (
        <Failure
          what="The alert could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {!alert && !query.error && <Skeleton height={240} radius={10} />}
      {alert && (
        <>
          <Facts alert={alert} />
          {alert.device && alert.metric && (
            <AlertChart alert={alert} device={alert.device.id} metric={alert.metric} />
          )}
          <Panel title="What was done">
            <AlertTrail alert={alert} mayAct={mayAct} />
          </Panel>
        </>
      )}
    </Page>
  );
}

function Facts({ alert }: { alert: AlertWithEvents }) {
  const { id: org } = useOrganization();
  const { state, value, opened_at, detected_at, cleared_at, resolved_at, resolution, snoozed_until } = alert;
  const isLate = Date.parse(detected_at) - Date.parse(opened_at) > 60_000;
  const isSnoozed = snoozed_until && state !== 'resolved' && Date.parse(snoozed_until) > Date.now();
  return (
    <dl className={classes.facts}>
      <Fact name="State">
        <AlertStateMark state={state} />
      </Fact>
      {(alert.device ?? alert.integration) && (
        <Fact name={alert.device ? 'Device' : 'Integration'}>
          <Where alert={alert} />
        </Fact>
      )}
      {value !== null && (
        <Fact name="Value when it opened">
          {formatValue(value)} {typeof value === 'number' && <Unit alert={alert} />}
        </Fact>
      )}
      <Fact name="Since">
        <Time at={opened_at} />
      </Fact>
      {isLate && (
        <Fact name="Seen">
          <Time at={detected_at} />
        </Fact>
      )}
      {cleared_at && (
        <Fact name="Until">
          <Time at={cleared_at} />
        </Fact>
      )}
      {alert.acknowledged_at && (
        <Fact name="Acknowledged">
          {alert.acknowledged_by && `${alert.acknowledged_by.name}, `}
          <Time at={alert.acknowledged_at} />
        </Fact>
      )}
      {isSnoozed && (
        <Fact name="Snoozed until">
          <Time at={snoozed_until} />
        </Fact>
      )}
      {resolved_at && (
        <Fact name="Resolved">
          {resolution && `${resolutions[resolution]} `}
          <Time at={resolved_at} />
        </Fact>
      )}
      <Fact name="Rule">
        {alert.rule_id ? (
          <AnchorLink to={paths.alertRule} params={{ org, rule: alert.rule_id }} inherit>
            {alert.rule_name}
          </AnchorLink>
        ) : (
          `${alert.rule_name}, deleted since`
        )}
      </Fact>
    </dl>
  );
}

/** What the device’s type says that the value is measured in. */
function Unit({ alert: { device, metric } }: { alert: AlertWithEvents }) {
  const { id: org } = useOrganization();
  const { data: read } = useQuery({ ...deviceQuery(org, device?.id ?? ''), enabled: device !== null });
  return <>{useMetrics(read?.device_type_id ?? null)(metric ?? '').unit}</>;
}

function Time({ at }: { at: string }) {
  return (
    <>
      <Ago at={at} />
      <time className={classes.exact} dateTime={at}>
        {exactTime(at)}
      </time>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
