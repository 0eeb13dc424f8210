import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type AlertState, alertStates, severities } from '../../../../src/domain/alert.ts';
import { severityWords } from '../../alerts/in-words.ts';
import { severityIcons } from '../../alerts/Severity.tsx';
import type { AlertSearch, ShownState } from '../../alerts/search.ts';
import { alertCountsQuery, alertRulesQuery } from '../../api/alert-queries.ts';
import { DeviceChoice } from '../../components/DeviceChoice.tsx';
import { FilterChips } from '../../components/FilterChips.tsx';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { AlertStateIcon, stateWords } from './AlertStateMark.tsx';
import classes from './Alerts.module.css';

const order: AlertState[] = [...alertStates];

/** State, severity, device and rule; each stands in the address. */
export function AlertFilters({ search }: { search: AlertSearch }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.alerts });
  const { data: counts } = useQuery(alertCountsQuery(org));
  const narrow = (changed: AlertSearch) =>
    void navigate({ to: '.', search: (before) => ({ ...before, ...changed }) });
  const ofState: Partial<Record<ShownState, number>> = counts
    ? {
        open: counts.open.info + counts.open.warning + counts.open.critical,
        acknowledged: counts.acknowledged,
      }
    : {};
  return (
    <div className={classes.filters}>
      <FilterChips<ShownState>
        label="State"
        all="Not over"
        chosen={search.state}
        onChoose={(state) => narrow({ state })}
        options={[
          ...order.map((state) => ({
            value: state,
            label: (
              <>
                <AlertStateIcon state={state} />
                {stateWords[state]}
                {ofState[state] !== undefined && (
                  <span className={`figures ${classes.count}`}>{formatCount(ofState[state])}</span>
                )}
              </>
            ),
          })),
          { value: 'all', label: 'All' },
        ]}
      />
      <div className={classes.choices}>
        <FilterChips
          label="Severity"
          all="Any"
          chosen={search.severity}
          onChoose={(severity) => narrow({ severity })}
          options={severities.toReversed().map((severity) => {
            const Icon = severityIcons[severity];
            return {
              value: severity,
              label: (
                <>
                  <Icon size={16} aria-hidden />
                  {severityWords[severity]}
                </>
              ),
            };
          })}
        />
        <RuleFilter chosen={search.rule} onChoose={(rule) => narrow({ rule })} />
        <DeviceChoice
          className={classes.choice}
          none="All devices"
          device={search.device}
          onChoose={(device) => narrow({ device })}
        />
      </div>
    </div>
  );
}

interface RuleProps {
  chosen: string | undefined;
  onChoose: (rule: string | undefined) => void;
}

function RuleFilter({ chosen, onChoose }: RuleProps) {
  const { id: org } = useOrganization();
  const { data: rules = [] } = useQuery(alertRulesQuery(org));
  const known = rules.map(({ id, name }) => ({ value: id, label: name }));
  const isGone = chosen !== undefined && !rules.some(({ id }) => id === chosen);
  return (
    <Select
      className={classes.choice}
      aria-label="Rule"
      placeholder="All rules"
      data={isGone ? [...known, { value: chosen, label: 'A rule that is gone' }] : known}
      value={chosen ?? null}
      searchable={known.length > 8}
      clearable
      clearButtonProps={{ 'aria-label': 'All rules' }}
      onChange={(rule) => onChoose(rule ?? undefined)}
    />
  );
}
