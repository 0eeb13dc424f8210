import { Switch } from '@mantine/core';
import { TimesOfWeek } from '../../components/TimesOfWeek.tsx';
import { timeZone } from '../../format/time.ts';
import { workingHours } from '../../notifications/draft.ts';
import classes from './AlertRules.module.css';
import type { FieldsProps } from './RuleEditor.tsx';

/** When the rule holds. */
export function ScheduleFields({ draft, onChange }: FieldsProps) {
  const { schedule } = draft;
  return (
    <fieldset className={classes.part}>
      <legend className={classes.legend}>At which times</legend>
      <Switch
        label="Only at certain times"
        description="Outside of them it opens nothing"
        checked={schedule !== null}
        onChange={({ currentTarget }) =>
          onChange({ schedule: currentTarget.checked ? workingHours(timeZone()) : null })
        }
      />
      {schedule && (
        <TimesOfWeek
          label="Times at which it holds"
          schedule={schedule}
          onChange={(changed) => onChange({ schedule: changed })}
        />
      )}
    </fieldset>
  );
}
