import { ActionIcon, Button, Chip, Select } from '@mantine/core';
import type { Schedule } from '../../../src/domain/alert.ts';
import { IconPlus, IconTrash } from './icons.ts';
import classes from './TimesOfWeek.module.css';

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const zones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
const mostWindows = 14;

interface Props {
  /** Which times they are, for those who hear the page: `Quiet hours`. */
  label: string;
  schedule: Schedule;
  onChange: (schedule: Schedule) => void;
}

/** Times of the week, by the clocks of a zone. */
export function TimesOfWeek({ label, schedule, onChange }: Props) {
  const { windows, time_zone } = schedule;
  const set = (next: Schedule['windows']) => onChange({ ...schedule, windows: next });
  return (
    <div className={classes.schedule}>
      {windows.map((window, index) => (
        <Window
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no other name
          key={index}
          label={windows.length > 1 ? `${label} ${index + 1}` : label}
          window={window}
          onChange={(changed) => set(windows.with(index, changed))}
          onRemove={windows.length > 1 ? () => set(windows.toSpliced(index, 1)) : undefined}
        />
      ))}
      {windows.length < mostWindows && (
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={15} />}
            onClick={() => set([...windows, windows.at(-1)!])}
          >
            Add times
          </Button>
        </div>
      )}
      <Select
        label="Time zone"
        data={zones.includes(time_zone) ? zones : [time_zone, ...zones]}
        limit={50}
        searchable
        allowDeselect={false}
        value={time_zone}
        onChange={(zone) => zone && onChange({ ...schedule, time_zone: zone })}
      />
    </div>
  );
}

interface WindowProps {
  label: string;
  window: Schedule['windows'][number];
  onChange: (window: Schedule['windows'][number]) => void;
  onRemove: (() => void) | undefined;
}

function Window({ label, window, onChange, onRemove }: WindowProps) {
  const time = (field: 'from' | 'to') => (
    <input
      type="time"
      required
      aria-label={`${label}, ${field}`}
      value={window[field]}
      onChange={({ currentTarget }) =>
        currentTarget.value && onChange({ ...window, [field]: currentTarget.value })
      }
    />
  );
  return (
    <div className={classes.window}>
      <Chip.Group
        multiple
        value={window.days.map(String)}
        onChange={(chosen) => chosen.length > 0 && onChange({ ...window, days: chosen.map(Number).sort() })}
      >
        <fieldset className={classes.days}>
          <legend className="visually-hidden">{label}, days</legend>
          {days.map((name, index) => (
            <Chip
              key={name}
              size="xs"
              radius="sm"
              value={String(index + 1)}
              classNames={{ label: classes.day, iconWrapper: classes.mark }}
            >
              {name}
            </Chip>
          ))}
        </fieldset>
      </Chip.Group>
      <div className={classes.times}>
        {time('from')}
        <span>to</span>
        {time('to')}
        {window.to <= window.from && <span className={classes.next}>the next day</span>}
        {onRemove && (
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${label}`} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </div>
    </div>
  );
}
