import { CloseButton, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import type { AlertScope } from '../../../../src/domain/alert.ts';
import type { ScopeDraft } from '../../alerts/rule-draft.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { deviceQuery } from '../../api/queries.ts';
import { DeviceChoice } from '../../components/DeviceChoice.tsx';
import { useOrganization } from '../../session/session.ts';
import { TagsField } from '../../tags/TagsField.tsx';
import classes from './AlertRules.module.css';

interface Props {
  draft: ScopeDraft;
  onChange: (changed: Partial<ScopeDraft>) => void;
  problems: Record<string, string>;
}

/** On which devices. */
export function ScopeFields({ draft, onChange, problems }: Props) {
  return (
    <fieldset className={classes.part}>
      <legend className={classes.legend}>On which devices</legend>
      <SegmentedControl
        fullWidth
        aria-label="Which devices"
        value={draft.scope}
        onChange={(scope) => onChange({ scope: scope as AlertScope['kind'] })}
        data={[
          { value: 'organization', label: 'All' },
          { value: 'matching', label: 'Matching' },
          { value: 'devices', label: 'Chosen' },
        ]}
      />
      {draft.scope === 'matching' && (
        <>
          <TagsField
            label="Tags"
            description="Devices that have all of them"
            tags={draft.tags}
            error={problems.scope}
            onChange={(tags) => onChange({ tags })}
          />
          <div className={classes.line}>
            <TextInput
              className={classes.metric}
              label="Name"
              description="* stands for anything"
              placeholder="freezer-*"
              maxLength={200}
              value={draft.namePattern}
              onChange={(event) => onChange({ namePattern: event.currentTarget.value })}
            />
            <TypeField type={draft.typeId} onChoose={(typeId) => onChange({ typeId })} />
          </div>
        </>
      )}
      {draft.scope === 'devices' && (
        <Devices
          ids={draft.deviceIds}
          error={problems['scope.device_ids']}
          onChange={(deviceIds) => onChange({ deviceIds })}
        />
      )}
    </fieldset>
  );
}

function TypeField({ type, onChoose }: { type: string | null; onChoose: (type: string | null) => void }) {
  const { id: org } = useOrganization();
  const { data: types = [] } = useQuery(deviceTypesQuery(org));
  return (
    <Select
      className={classes.metric}
      label="Type"
      description="Of the device"
      placeholder="Any"
      data={types.map(({ id, name }) => ({ value: id, label: name }))}
      value={type}
      clearable
      clearButtonProps={{ 'aria-label': 'Any type' }}
      onChange={onChoose}
    />
  );
}

interface DevicesProps {
  ids: string[];
  error: string | undefined;
  onChange: (ids: string[]) => void;
}

function Devices({ ids, error, onChange }: DevicesProps) {
  const { id: org } = useOrganization();
  const read = useQueries({ queries: ids.map((id) => deviceQuery(org, id)) });
  return (
    <>
      {ids.length > 0 && (
        <ul className={classes.chips} aria-label="Chosen devices">
          {ids.map((id, index) => {
            const { data, isPending } = read[index]!;
            const name = data?.name ?? (isPending ? '…' : 'A device that is gone');
            return (
              <li key={id}>
                {name}
                <CloseButton
                  size="xs"
                  aria-label={`Remove ${name}`}
                  onClick={() => onChange(ids.filter((other) => other !== id))}
                />
              </li>
            );
          })}
        </ul>
      )}
      <DeviceChoice
        // Empty again after each.
        key={ids.length}
        device={undefined}
        none="Add a device"
        error={error}
        onChoose={(id) => id && !ids.includes(id) && onChange([...ids, id])}
      />
    </>
  );
}
