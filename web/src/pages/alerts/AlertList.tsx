import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { SeverityMark } from '../../alerts/Severity.tsx';
import type { Alert } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { IconBellZ } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { useSteady } from '../../components/use-steady.ts';
import { exactTime } from '../../format/time.ts';
import { formatCount, plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { AlertButtons } from './AlertButtons.tsx';
import { AlertStateMark } from './AlertStateMark.tsx';
import classes from './Alerts.module.css';

/** Alerts, and what can be done with those that are selected. What comes meanwhile waits to be asked for. */
export function AlertList({ alerts }: { alerts: Alert[] }) {
  const mayAct = usePermission('member').allowed;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const isBusy = alerts.some(({ id }) => chosen.has(id));
  const { shown, newer, showNewer } = useSteady(alerts, detectedAt, isBusy);
  const selected = shown.filter(({ id }) => chosen.has(id));
  const all = useRef<HTMLInputElement>(null);
  // The buttons go with the selection, and the focus would go with them.
  const onDone = () => {
    all.current?.focus();
    setChosen(new Set());
  };
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <>
      {mayAct && (
        <div className={classes.bar} data-active={selected.length > 0 || undefined}>
          <Checkbox
            ref={all}
            label={selected.length > 0 ? `${formatCount(selected.length)} selected` : 'Select all shown'}
            checked={shown.length > 0 && selected.length === shown.length}
            indeterminate={selected.length > 0 && selected.length < shown.length}
            onChange={({ currentTarget }) =>
              setChosen(new Set(currentTarget.checked ? shown.map(({ id }) => id) : []))
            }
          />
          {selected.length > 0 && <AlertButtons alerts={selected} onDone={onDone} />}
        </div>
      )}
      {newer > 0 && (
        <button type="button" className={classes.newer} onClick={() => showNewer()}>
          Show {plural(newer, 'newer alert')}
        </button>
      )}
      <ul className={classes.rows} aria-label="Alerts">
        {shown.map((alert) => (
          <AlertRow
            key={alert.id}
            alert={alert}
            selected={mayAct ? chosen.has(alert.id) : undefined}
            onSelect={() => toggle(alert.id)}
          />
        ))}
      </ul>
    </>
  );
}

function detectedAt({ detected_at }: Alert): string {
  return detected_at;
}

interface RowProps {
  alert: Alert;
  /** Undefined where rows can't be selected. */
  selected: boolean | undefined;
  onSelect: () => void;
}

function AlertRow({ alert, selected, onSelect }: RowProps) {
  const { id: org } = useOrganization();
  const { state, severity, rule_name, summary, opened_at } = alert;
  return (
    <li
      className={classes.row}
      data-state={state}
      data-selectable={selected === undefined ? undefined : true}
    >
      {selected !== undefined && (
        <Checkbox
          className={classes.check}
          aria-label={`Select ${rule_name}${alert.device ? `, ${alert.device.name}` : ''}`}
          checked={selected}
          onChange={onSelect}
        />
      )}
      <span className={classes.severity}>
        <SeverityMark severity={severity} />
      </span>
      <div className={classes.what}>
        <Link to={paths.alert} params={{ org, alert: alert.id }} className={classes.name}>
          {rule_name}
        </Link>
        <span className={classes.summary}>{summary}</span>
      </div>
      <span className={classes.where}>
        <Where alert={alert} />
      </span>
      <span className={classes.status}>
        <AlertStateMark state={state} />
        <Snoozed alert={alert} />
      </span>
      <span className={classes.when} title={exactTime(opened_at)}>
        <Ago at={opened_at} />
      </span>
    </li>
  );
}

/** What it is about. */
export function Where({ alert: { device, integration } }: { alert: Alert }) {
  const { id: org } = useOrganization();
  if (device) {
    return (
      <AnchorLink to={paths.device} params={{ org, device: device.id }} inherit>
        {device.name}
      </AnchorLink>
    );
  }
  if (!integration) return null;
  return (
    <AnchorLink to={paths.integration} params={{ org, integration: integration.id }} inherit>
      {integration.name}
    </AnchorLink>
  );
}

function Snoozed({ alert: { snoozed_until, state } }: { alert: Alert }) {
  if (!snoozed_until || state === 'resolved' || Date.parse(snoozed_until) < Date.now()) return null;
  return (
    <span className={classes.snoozed} title={exactTime(snoozed_until)}>
      <IconBellZ size={14} aria-hidden /> snoozed
    </span>
  );
}
