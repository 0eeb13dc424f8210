import { ActionIcon, Menu, Skeleton, Switch } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ruleInWords, scheduleInWords } from '../../alerts/in-words.ts';
import { SeverityMark } from '../../alerts/Severity.tsx';
import { alertRulesQuery } from '../../api/alert-queries.ts';
import { answer, api } from '../../api/client.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import type { AlertRule } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconBell, IconDots, IconPencil, IconPlus, IconTrash } from '../../components/icons.ts';
import { AnchorLink, ButtonLink } from '../../components/links.tsx';
import { tell, tellProblem } from '../../components/toasts.ts';
import { commonMetrics, metricsOf } from '../../format/metric.ts';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { AlertsPage } from '../alerts/AlertsPage.tsx';
import classes from './AlertRules.module.css';

/** What is watched, in plain words. */
export function AlertRules() {
  const { id: org } = useOrganization();
  const query = useQuery(alertRulesQuery(org));
  const rules = query.data;
  const mayAct = usePermission('member').allowed;
  const make = (
    <ButtonLink to={paths.newAlertRule} params={{ org }} leftSection={<IconPlus size={17} />}>
      New rule
    </ButtonLink>
  );
  return (
    <AlertsPage
      title="Alert rules"
      description="What is worth telling you."
      actions={mayAct && rules && rules.length > 0 && make}
    >
      {query.error && (
        <Failure
          what="The rules could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <div className={classes.surface}>
        {!rules && !query.error && <Skeleton height={160} radius={10} />}
        {rules?.length === 0 && (
          <Empty icon={IconBell} title="No rules yet" action={mayAct && make}>
            “When temperature is above 30 °C for 5 minutes on devices tagged freezer” is a rule. You write the
            numbers, and see at once when it would have fired on what your devices have sent.
          </Empty>
        )}
        {rules && rules.length > 0 && (
          <ul className={classes.rows} aria-label="Rules">
            {rules.map((rule) => (
              <RuleRow key={rule.id} rule={rule} mayAct={mayAct} />
            ))}
          </ul>
        )}
      </div>
    </AlertsPage>
  );
}

function RuleRow({ rule, mayAct }: { rule: AlertRule; mayAct: boolean }) {
  const { id: org } = useOrganization();
  const { data: types } = useQuery(deviceTypesQuery(org));
  const typeId = rule.scope.kind === 'matching' ? rule.scope.device_type_id : undefined;
  const type = types?.find(({ id }) => id === typeId);
  const metrics = type ? metricsOf(type) : commonMetrics(types);
  const words = ruleInWords(rule, { metrics, typeName: () => type?.name ?? 'that is gone' });
  return (
    <li className={classes.row} data-off={!rule.enabled || undefined}>
      <div className={classes.what}>
        <div className={classes.title}>
          <Link to={paths.alertRule} params={{ org, rule: rule.id }} className={classes.name}>
            {rule.name}
          </Link>
          <SeverityMark severity={rule.severity} />
        </div>
        <span className={classes.words}>{words}</span>
        {rule.schedule && <span className={classes.dim}>{scheduleInWords(rule.schedule)}</span>}
      </div>
      <span className={classes.open}>
        {rule.open_alerts > 0 && (
          <AnchorLink to={paths.alerts} params={{ org }} search={{ rule: rule.id }} inherit>
            {plural(rule.open_alerts, 'alert')} now
          </AnchorLink>
        )}
      </span>
      <RuleActions rule={rule} mayAct={mayAct} />
    </li>
  );
}

function RuleActions({ rule, mayAct }: { rule: AlertRule; mayAct: boolean }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [question, setQuestion] = useState<Question>();
  const params = { path: { org, rule: rule.id } };
  const refresh = () => queries.invalidateQueries({ queryKey: [org, 'alert-rules'] });
  const turn = async (enabled: boolean) => {
    try {
      await answer(
        api.PATCH('/api/v1/organizations/{org}/alert-rules/{rule}', { params, body: { enabled } }),
      );
      tell(`${rule.name} is ${enabled ? 'on' : 'off'}`);
    } catch (error) {
      tellProblem(`${rule.name} is as it was`, error);
    }
    await refresh();
  };
  const askToDelete = () =>
    setQuestion({
      title: `Delete “${rule.name}”?`,
      text:
        rule.open_alerts > 0
          ? `It finds nothing any more, and ${plural(rule.open_alerts, 'alert')} of it will be resolved. What it has found stays in the inbox.`
          : 'It finds nothing any more. What it has found stays in the inbox.',
      verb: 'Delete rule',
      danger: true,
      act: async () => {
        await answer(api.DELETE('/api/v1/organizations/{org}/alert-rules/{rule}', { params }));
        await refresh();
        tell(`${rule.name} is deleted`);
      },
    });
  if (!mayAct) return <span className={classes.dim}>{rule.enabled ? 'On' : 'Off'}</span>;
  return (
    <div className={classes.actions}>
      <Switch
        aria-label={`${rule.name} is on`}
        checked={rule.enabled}
        onChange={({ currentTarget }) => void turn(currentTarget.checked)}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More about ${rule.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPencil size={16} />}
            onClick={() => void navigate({ to: paths.alertRule, params: { org, rule: rule.id } })}
          >
            Edit
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={askToDelete}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </div>
  );
}
