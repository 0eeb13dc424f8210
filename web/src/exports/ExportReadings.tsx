import { Progress as Bar, Button, Group, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Device } from '../api/types.ts';
import { FormProblem } from '../components/FormProblem.tsx';
import { IconCircleCheck, IconDownload } from '../components/icons.ts';
import { saveFile } from '../components/save-file.ts';
import { localTime, timeZone } from '../format/time.ts';
import { formatBytes, formatCount, plural } from '../format/value.ts';
import { useOrganization } from '../session/session.ts';
import { type Downloaded, download, type Progress } from './download.ts';
import classes from './Export.module.css';

interface Span {
  from: number;
  to: number;
}

interface Props {
  devices: readonly Pick<Device, 'id' | 'name'>[];
  /** What is exported unless somebody chooses otherwise, in ms since 1970; open while there is one. */
  span: Span | undefined;
  onClose: () => void;
}

/** Readings as a file. Nothing but a button closes it while it is under way. */
export function ExportReadings({ devices, span, onClose }: Props) {
  // While the dialog fades away it still shows what it showed.
  const last = useRef(span);
  if (span) last.current = span;
  const [busy, setBusy] = useState(false);
  const [one] = devices;
  const whose = devices.length === 1 && one ? one.name : plural(devices.length, 'device');
  return (
    <Modal
      size={500}
      opened={span !== undefined}
      onClose={() => busy || onClose()}
      title={`Export readings of ${whose}`}
      closeOnClickOutside={!busy}
      closeButtonProps={{ 'aria-label': 'Close', disabled: busy }}
    >
      {last.current && <Fields devices={devices} span={last.current} onClose={onClose} onBusy={setBusy} />}
    </Modal>
  );
}

interface FieldsProps extends Omit<Props, 'span'> {
  span: Span;
  onBusy: (busy: boolean) => void;
}

function Fields({ devices, span, onClose, onBusy }: FieldsProps) {
  const { id: org } = useOrganization();
  const [from, setFrom] = useState(() => localTime(span.from));
  // The second that goes on counts as well.
  const [to, setTo] = useState(() => localTime(Math.ceil(span.to / 1000) * 1000));
  const [format, setFormat] = useState('csv');
  const { begin, cancel, progress, saved, problem } = useExport(onBusy);
  const wrongOrder = from !== '' && to !== '' && from >= to;
  if (saved) return <Saved saved={saved} onClose={onClose} />;
  if (progress) return <UnderWay progress={progress} onCancel={cancel} />;
  const submit = () => {
    const query = new URLSearchParams({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      format,
    });
    const base = `/api/v1/organizations/${org}`;
    const [one] = devices;
    if (devices.length === 1 && one) return begin(`${base}/devices/${one.id}/telemetry/export?${query}`);
    for (const { id } of devices) query.append('device', id);
    return begin(`${base}/telemetry/export?${query}`);
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrongOrder) submit();
      }}
    >
      <div className={classes.span}>
        <TextInput
          type="datetime-local"
          label="From"
          step={1}
          required
          withAsterisk={false}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="To"
          step={1}
          required
          withAsterisk={false}
          value={to}
          description={timeZone()}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          error={wrongOrder ? 'Is not after the start' : undefined}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </div>
      <div>
        <div className={classes.label} id="export-format">
          Format
        </div>
        <SegmentedControl
          fullWidth
          aria-labelledby="export-format"
          value={format}
          onChange={setFormat}
          data={[
            { value: 'csv', label: 'CSV' },
            { value: 'ndjson', label: 'JSON lines' },
          ]}
        />
      </div>
      <FormProblem problem={problem} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" leftSection={<IconDownload size={16} />} data-autofocus>
          Export
        </Button>
      </Group>
    </form>
  );
}

function UnderWay({ progress: { rows, expected }, onCancel }: { progress: Progress; onCancel: () => void }) {
  const share = expected ? Math.min(100, (rows / expected) * 100) : 0;
  return (
    <div className={classes.form}>
      <p className={`figures ${classes.words}`}>
        {formatCount(rows)} {expected !== undefined && `of ${formatCount(expected)} `}readings
      </p>
      <Bar
        value={expected === undefined ? 100 : share}
        animated={expected === undefined}
        striped={expected === undefined}
        aria-label="Progress of the export"
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} data-autofocus>
          Cancel export
        </Button>
      </Group>
    </div>
  );
}

function Saved({ saved: { name, rows, file }, onClose }: { saved: Downloaded; onClose: () => void }) {
  return (
    <div className={classes.form}>
      <p className={classes.done} role="status">
        <IconCircleCheck size={18} stroke={1.9} aria-hidden />
        <span>
          {rows === 0 ? 'There are no readings in this time; ' : `${plural(rows, 'reading')} in `}
          <strong>{name}</strong>, {formatBytes(file.size)}.
        </span>
      </p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => saveFile(name, file)}>
          Save again
        </Button>
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </div>
  );
}

/** So often a number that runs is worth a new picture. */
const SHOWN_EVERY_MS = 100;

function useExport(onBusy: (busy: boolean) => void) {
  const [progress, setProgress] = useState<Progress>();
  const [saved, setSaved] = useState<Downloaded>();
  const [problem, setProblem] = useState<unknown>();
  const abort = useRef<AbortController>(undefined);
  // Whoever leaves the page wants nothing more of it.
  useEffect(() => () => abort.current?.abort(), []);
  const begin = async (url: string) => {
    const aborting = new AbortController();
    abort.current = aborting;
    let shownAt = 0;
    setProblem(undefined);
    setProgress({ rows: 0, expected: undefined });
    onBusy(true);
    try {
      const made = await download(url, {
        signal: aborting.signal,
        onProgress(next) {
          if (performance.now() - shownAt < SHOWN_EVERY_MS) return;
          shownAt = performance.now();
          setProgress(next);
        },
      });
      saveFile(made.name, made.file);
      setSaved(made);
    } catch (error) {
      if (!aborting.signal.aborted) setProblem(error);
    } finally {
      setProgress(undefined);
      onBusy(false);
    }
  };
  return { begin, cancel: () => abort.current?.abort(), progress, saved, problem };
}
