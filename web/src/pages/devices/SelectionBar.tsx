import { Button, Checkbox, Tooltip } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Device } from '../../api/types.ts';
import { mostCompared } from '../../charts/compare.ts';
import { IconChartLine, IconSend, IconTags, IconTemplate } from '../../components/icons.ts';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Devices.module.css';
import { MoreForSelected } from './MoreForSelected.tsx';
import { SendToMany } from './SendToMany.tsx';
import { SetType } from './SetType.tsx';
import { TagMany } from './TagMany.tsx';
import { mostSelected, type Selection } from './use-selection.ts';

/** Selects all that the list shows, and offers what can be done with those that are selected. */
export function SelectionBar({ shown, selection }: { shown: Device[]; selection: Selection }) {
  const [asking, setAsking] = useState<'command' | 'type' | 'tags'>();
  const selected = [...selection.devices.values()];
  const ofShown = shown.filter(({ id }) => selection.devices.has(id)).length;
  const elsewhere = selected.length - ofShown;
  const close = () => setAsking(undefined);
  const words = [
    `${formatCount(selected.length)} selected`,
    elsewhere > 0 && `${formatCount(elsewhere)} not shown`,
    selected.length >= mostSelected && 'as many as can be',
  ].filter(Boolean);
  return (
    <div className={classes.bar} data-active={selected.length > 0 || undefined}>
      <Checkbox
        label={selected.length > 0 ? words.join(', ') : 'Select all shown'}
        checked={shown.length > 0 && ofShown === shown.length}
        indeterminate={selected.length > 0 && ofShown < shown.length}
        // A press on what is half selected selects the rest, where there is room for it.
        onChange={() => selection.set(shown, ofShown < shown.length && selected.length < mostSelected)}
      />
      {selected.length > 0 && (
        <>
          <Button size="compact-xs" variant="subtle" className={classes.clear} onClick={selection.clear}>
            Clear
          </Button>
          <div className={classes.acts}>
            <Button size="xs" leftSection={<IconSend size={15} />} onClick={() => setAsking('command')}>
              Send a command…
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconTemplate size={15} />}
              onClick={() => setAsking('type')}
            >
              Set type…
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconTags size={15} />}
              onClick={() => setAsking('tags')}
            >
              Tags…
            </Button>
            <MoreForSelected devices={selected} />
            <CompareButton devices={selected.map(({ id }) => id)} />
          </div>
        </>
      )}
      <SendToMany devices={selected} opened={asking === 'command'} onClose={close} />
      <SetType
        devices={selected}
        opened={asking === 'type'}
        onClose={close}
        onSet={(set) => selection.set(set, true)}
      />
      <TagMany
        devices={selected}
        opened={asking === 'tags'}
        onClose={close}
        onTagged={(tagged) => selection.set(tagged, true)}
      />
    </div>
  );
}

/** Leads to the charts of all that are selected, if they are few enough to be told apart. */
function CompareButton({ devices }: { devices: string[] }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate();
  const isTooMany = devices.length > mostCompared;
  return (
    <Tooltip label={`Up to ${mostCompared} devices can be compared`} disabled={!isTooMany}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconChartLine size={15} />}
        data-disabled={isTooMany || undefined}
        aria-disabled={isTooMany}
        onClick={() => {
          if (!isTooMany) void navigate({ to: paths.compare, params: { org }, search: { devices } });
        }}
      >
        Compare
      </Button>
    </Tooltip>
  );
}
