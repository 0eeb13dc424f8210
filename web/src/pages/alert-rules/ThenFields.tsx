import { MultiSelect, SegmentedControl, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { type Severity, severities } from '../../../../src/domain/alert.ts';
import { severityWords } from '../../alerts/in-words.ts';
import { notificationChannelsQuery } from '../../api/notification-queries.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './AlertRules.module.css';
import type { FieldsProps } from './RuleEditor.tsx';

/** How bad it is, who is told, and whether the rule is on. */
export function ThenFields({ draft, onChange, problems }: FieldsProps) {
  const { id: org } = useOrganization();
  const { data: channels = [] } = useQuery({
    ...notificationChannelsQuery(org),
    select: (list) => list.items,
  });
  const severity = useId();
  const known = new Set(channels.map(({ id }) => id));
  const gone = draft.channelIds.filter((id) => !known.has(id));
  return (
    <fieldset className={classes.part}>
      <legend className={classes.legend}>Then</legend>
      <div>
        <div className={classes.label} id={severity}>
          Severity
        </div>
        <SegmentedControl
          aria-labelledby={severity}
          value={draft.severity}
          onChange={(value) => onChange({ severity: value as Severity })}
          data={severities.map((value) => ({ value, label: severityWords[value] }))}
        />
      </div>
      {(channels.length > 0 || gone.length > 0) && (
        <MultiSelect
          label="Notify"
          description="Left empty: every channel that takes alerts of this severity"
          placeholder={draft.channelIds.length === 0 ? 'Every channel' : undefined}
          data={[
            ...channels.map(({ id, name }) => ({ value: id, label: name })),
            ...gone.map((id) => ({ value: id, label: 'A channel that is gone' })),
          ]}
          value={draft.channelIds}
          maxValues={20}
          clearable
          error={problems.channel_ids}
          onChange={(channelIds) => onChange({ channelIds })}
        />
      )}
      <Switch
        label="On"
        description="Switched off it finds nothing, and its open alerts are resolved"
        checked={draft.enabled}
        onChange={({ currentTarget }) => onChange({ enabled: currentTarget.checked })}
      />
    </fieldset>
  );
}
