import { Checkbox, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { TimesOfWeek } from '../../components/TimesOfWeek.tsx';
import { timeZone } from '../../format/time.ts';
import { type ChannelDraft, nights, workingHours } from '../../notifications/draft.ts';
import { channelKinds } from '../../notifications/kinds.ts';
import classes from './NotificationChannels.module.css';

export const severityChoices = [
  { value: 'info', label: 'All alerts' },
  { value: 'warning', label: 'Warning and critical' },
  { value: 'critical', label: 'Critical only' },
] as const;

interface Props {
  draft: ChannelDraft;
  onChange: (change: Partial<ChannelDraft>) => void;
  fields: Record<string, string>;
  /** Of one that is there: as much of its URL as is no secret. */
  shownUrl?: string | null;
}

/** Where a channel leads, of what it tells, and when. */
export function ChannelFields({ draft, onChange, fields, shownUrl }: Props) {
  const kind = channelKinds[draft.kind];
  return (
    <>
      <TextInput
        label="Name"
        placeholder={kind.name}
        required
        withAsterisk={false}
        maxLength={100}
        value={draft.name}
        error={fields.name}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
        data-autofocus
      />
      {draft.kind === 'email' ? (
        <TagsInput
          label="Recipients"
          description="One after the other, each ended by Enter; 20 at most"
          placeholder={draft.to.length === 0 ? 'ann@example.com' : ''}
          maxTags={20}
          splitChars={[',', ';', ' ']}
          acceptValueOnBlur
          value={draft.to}
          error={fields.to ?? Object.entries(fields).find(([name]) => name.startsWith('to.'))?.[1]}
          onChange={(to) => onChange({ to })}
        />
      ) : (
        <TextInput
          label={kind.urlLabel}
          description={shownUrl ? `Now ${shownUrl}. Leave it empty to keep it` : kind.urlHint}
          placeholder={kind.placeholder}
          type="url"
          required={!shownUrl}
          withAsterisk={false}
          maxLength={2000}
          autoComplete="off"
          value={draft.url}
          error={fields.url}
          onChange={({ currentTarget }) => onChange({ url: currentTarget.value })}
        />
      )}
      <Select
        label="Tell of"
        description="Of rules that name no channels themselves"
        data={severityChoices}
        value={draft.minSeverity}
        allowDeselect={false}
        onChange={(minSeverity) => minSeverity && onChange({ minSeverity })}
      />
      <Checkbox
        label="Tell when it is over"
        description="One more notification when an alert is resolved"
        checked={draft.notifyResolved}
        onChange={({ currentTarget }) => onChange({ notifyResolved: currentTarget.checked })}
      />
      <Times draft={draft} onChange={onChange} />
    </>
  );
}

function Times({ draft, onChange }: Pick<Props, 'draft' | 'onChange'>) {
  const { schedule, quietHours } = draft;
  return (
    <div className={classes.times}>
      <Switch
        label="Quiet hours"
        description="Within them notifications wait; then what is still open is told in one"
        checked={quietHours !== null}
        onChange={({ currentTarget }) =>
          onChange({ quietHours: currentTarget.checked ? nights(timeZone()) : null })
        }
      />
      {quietHours && (
        <TimesOfWeek
          label="Quiet hours"
          schedule={quietHours}
          onChange={(changed) => onChange({ quietHours: changed })}
        />
      )}
      <Switch
        label="Only at certain times"
        description="Outside of them notifications wait as well: for a shift, say"
        checked={schedule !== null}
        onChange={({ currentTarget }) =>
          onChange({ schedule: currentTarget.checked ? workingHours(timeZone()) : null })
        }
      />
      {schedule && (
        <TimesOfWeek
          label="Times"
          schedule={schedule}
          onChange={(changed) => onChange({ schedule: changed })}
        />
      )}
      {(schedule || quietHours) && (
        <Checkbox
          label="Critical alerts do not wait"
          checked={draft.criticalAlways}
          onChange={({ currentTarget }) => onChange({ criticalAlways: currentTarget.checked })}
        />
      )}
    </div>
  );
}
