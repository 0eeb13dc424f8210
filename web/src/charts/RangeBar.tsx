import { ActionIcon, Button, Popover, SegmentedControl, Tooltip } from '@mantine/core';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import {
  IconCalendar,
  IconChevronLeft,
  IconChevronRight,
  IconPlayerTrackNext,
  IconZoomIn,
  IconZoomOut,
} from '../components/icons.ts';
import { localTime, timeZone } from '../format/time.ts';
import classes from './RangeBar.module.css';
import { defaultRange, parseChartSearch, presets } from './range.ts';
import type { Range } from './use-range.ts';

/** What the charts of a page show: the last hour or year, from one time to another, further back, closer. */
export function RangeBar({ range, children }: { range: Range; children?: ReactNode }) {
  const { span, name, pan, zoom, follow } = range;
  return (
    <div className={classes.bar} role="toolbar" aria-label="Time range">
      <SegmentedControl
        size="xs"
        aria-label="The last"
        value={span.live ? (name ?? defaultRange) : ''}
        onChange={follow}
        data={presets.map((preset) => ({ value: preset.name, label: preset.label }))}
      />
      <CustomRange range={range} />
      <div className={classes.steps}>
        <Step label="Earlier" icon={IconChevronLeft} onClick={() => pan(-0.5)} />
        <Step label="Later" icon={IconChevronRight} onClick={() => pan(0.5)} disabled={span.live} />
        <Step label="Zoom in" icon={IconZoomIn} onClick={() => zoom(0.5)} />
        <Step label="Zoom out" icon={IconZoomOut} onClick={() => zoom(2)} />
      </div>
      {!span.live && (
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconPlayerTrackNext size={14} />}
          onClick={() => follow(name)}
        >
          Back to live
        </Button>
      )}
      <span className={classes.hint}>{children}</span>
    </div>
  );
}

interface StepProps {
  label: string;
  icon: typeof IconZoomIn;
  onClick: () => void;
  disabled?: boolean;
}

function Step({ label, icon: Icon, ...button }: StepProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={30} aria-label={label} {...button}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

function CustomRange({ range }: { range: Range }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus shadow="md" position="bottom-start">
      <Popover.Target>
        <Button
          size="xs"
          variant={range.span.live ? 'default' : 'light'}
          leftSection={<IconCalendar size={15} />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          From–to
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Times range={range} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Two times in the viewer's zone. Fields of the browser: it knows how people there write a date. */
function Times({ range, onDone }: { range: Range; onDone: () => void }) {
  const [from, setFrom] = useState(localTime(range.span.from));
  const [to, setTo] = useState(localTime(range.span.to));
  const [refused, setRefused] = useState(false);
  const problem = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const asked = parseChartSearch({ from: Date.parse(from), to: Date.parse(to) });
    setRefused(asked.from === undefined);
    if (asked.from === undefined || asked.to === undefined) return;
    range.show(asked.from, asked.to);
    onDone();
  };
  const field = (label: string, value: string, change: (value: string) => void) => (
    <label className={classes.field}>
      {label}
      <input
        type="datetime-local"
        step={1}
        required
        value={value}
        aria-invalid={refused}
        aria-describedby={refused ? problem : undefined}
        onChange={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
  return (
    <form className={classes.times} onSubmit={submit}>
      {field('From', from, setFrom)}
      {field('To', to, setTo)}
      {refused && (
        <p id={problem} className={classes.refused} role="alert">
          The end has to be after the start, and ten years at most.
        </p>
      )}
      <div className={classes.foot}>
        <span className={classes.zone}>{timeZone()}</span>
        <Button size="xs" type="submit">
          Show
        </Button>
      </div>
    </form>
  );
}
