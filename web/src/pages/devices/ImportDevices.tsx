import { Button, FileInput, Group, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../api/client.ts';
import type { ImportedDevices } from '../../api/types.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { IconCircleCheck, IconCircleX, IconPencil, IconPlus, IconUpload } from '../../components/icons.ts';
import { Notice } from '../../components/Notice.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { formatCount, plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Import.module.css';

/** What the API takes. */
const MOST_BYTES = 2 * 1024 * 1024;
/** More are read by nobody; the rest is counted. */
const shown = 100;

/** Devices of a file: first what it would do, line by line, then all of it or nothing. */
export function ImportDevices({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Import devices"
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Steps onClose={onClose} />
    </Modal>
  );
}

function Steps({ onClose }: { onClose: () => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const [plan, setPlan] = useState<ImportedDevices>();
  const send = (body: string, preview: 'true' | 'false') =>
    answer(
      api.POST('/api/v1/organizations/{org}/devices/import', {
        params: { path: { org }, query: { preview } },
        body,
        bodySerializer: (table) => table,
        headers: { 'content-type': 'text/csv' },
      }),
    );
  const looking = useSubmit(async (chosen: File) => {
    if (chosen.size > MOST_BYTES) throw new Error('A file may have 2 MB. Import it in parts.');
    const read = await chosen.text();
    setPlan(await send(read, 'true'));
    setText(read);
  });
  const importing = useSubmit(async () => {
    const done = await send(text, 'false');
    for (const stale of ['devices', 'device', 'tags', 'overview', 'device-types'])
      void queries.invalidateQueries({ queryKey: [org, stale] });
    tell(`${formatCount(done.created)} created, ${formatCount(done.changed)} changed`);
    onClose();
  });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    setPlan(undefined);
    importing.forget();
    looking.forget();
    if (chosen) void looking.submit(chosen);
  };
  const count = plan ? plan.created + plan.changed : 0;
  return (
    <div className={classes.steps}>
      <p className={classes.about}>
        A CSV file whose first line names its columns: <code>external_device_id</code>, and of{' '}
        <code>name</code>, <code>type</code> and <code>tags</code> those that it says something of. What is
        exported here can be changed and imported again.
      </p>
      <FileInput
        label="File"
        placeholder="Choose a file…"
        accept=".csv,text/csv"
        leftSection={<IconUpload size={16} />}
        value={file}
        clearable
        clearButtonProps={{ 'aria-label': 'Choose no file' }}
        onChange={choose}
        data-autofocus
      />
      <FormProblem problem={looking.problem ?? importing.problem} />
      {looking.busy && <p className={classes.about}>Reading it…</p>}
      {plan && <Plan plan={plan} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} disabled={importing.busy}>
          Cancel
        </Button>
        <Button
          loading={importing.busy}
          disabled={!plan || plan.refused > 0 || count === 0}
          onClick={() => void importing.submit(undefined)}
        >
          {count > 0 ? `Import ${plural(count, 'device')}` : 'Import'}
        </Button>
      </Group>
    </div>
  );
}

function Plan({ plan }: { plan: ImportedDevices }) {
  const { created, changed, unchanged, refused, ignored_columns: ignored } = plan;
  // What keeps the file from being imported comes first.
  const lines = plan.lines.toSorted(
    (a, b) => Number(b.outcome === 'refused') - Number(a.outcome === 'refused'),
  );
  return (
    <div className={classes.plan} role="status">
      <p className={`figures ${classes.counts}`}>
        <span>{formatCount(created)} to create</span>
        <span>{formatCount(changed)} to change</span>
        <span>{formatCount(unchanged)} as they are</span>
        {refused > 0 && <span className={classes.refused}>{formatCount(refused)} refused</span>}
      </p>
      {refused > 0 && (
        <Notice kind="bad" title="Nothing is imported while a line is refused">
          Correct the file, and choose it again.
        </Notice>
      )}
      {ignored.length > 0 && (
        <p className={classes.about}>
          Left alone: {ignored.length === 1 ? 'column' : 'columns'} {ignored.join(', ')}
        </p>
      )}
      {lines.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard
        <section className={classes.lines} aria-label="Lines" tabIndex={0}>
          <ul>
            {lines.slice(0, shown).map((line) => (
              <Line key={line.line} line={line} />
            ))}
          </ul>
          {lines.length > shown && (
            <p className={classes.about}>and {formatCount(lines.length - shown)} more</p>
          )}
        </section>
      )}
      {created + changed + refused === 0 && (
        <p className={classes.nothing}>
          <IconCircleCheck size={17} aria-hidden /> Everything is as the file says already.
        </p>
      )}
    </div>
  );
}

const marks = {
  created: { Icon: IconPlus, word: 'new' },
  changed: { Icon: IconPencil, word: 'changes' },
  refused: { Icon: IconCircleX, word: 'refused' },
} as const;

function Line({
  line: { line, external_device_id, outcome, changes, reason },
}: {
  line: ImportedDevices['lines'][number];
}) {
  const { Icon, word } = marks[outcome];
  return (
    <li data-outcome={outcome}>
      <span className={`figures ${classes.number}`}>{line}</span>
      <Icon size={15} stroke={2} aria-hidden />
      <span className={classes.device}>{external_device_id || '—'}</span>
      <span className={classes.what}>
        {reason ?? (changes.length > 0 ? `${word} ${changes.join(', ')}` : word)}
      </span>
    </li>
  );
}
