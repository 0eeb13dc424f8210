// biome-ignore-all lint/a11y/useSemanticElements: rows that come and go with scrolling can't be a <table>'s
// biome-ignore-all lint/a11y/useFocusableInteractive: rows and cells are read, not operated
import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Device } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { PresenceMark } from '../../components/Presence.tsx';
import { useLiveDevice } from '../../live/live.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { TagWords } from '../../tags/Tags.tsx';
import classes from './Devices.module.css';
import { LatestValues } from './LatestValues.tsx';
import { useNarrow } from './use-narrow.ts';
import type { Selection } from './use-selection.ts';

interface Props {
  devices: Device[];
  /** True when the API has more than these. */
  more: boolean;
  onMore: () => void;
  /** Absent for those who may do nothing with it. */
  selection: Selection | undefined;
}

/** So many rows before the last one shown is asked for what follows it. */
const lookAhead = 60;

/** Only the rows on screen exist: five thousand scroll as easily as five. */
export function DeviceRows({ devices, more, onMore, selection }: Props) {
  const rowHeight = useNarrow() ? 96 : 54;
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stands above the list moves it
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), [devices.length > 0]);
  const virtualizer = useWindowVirtualizer({
    count: devices.length,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: offset,
    getItemKey: (index) => devices[index]!.id,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows change height with the window's width
  useEffect(() => virtualizer.measure(), [rowHeight]);
  const rows = virtualizer.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: onMore is new every time and asks once only
  useEffect(() => {
    if (more && last >= devices.length - lookAhead) onMore();
  }, [more, last, devices.length]);

  const onSelect = useSelecting(devices, selection);

  return (
    <div
      role="table"
      aria-label="Devices"
      aria-rowcount={more ? -1 : devices.length + 1}
      data-selectable={selection ? true : undefined}
      className={classes.list}
    >
      <div role="row" className={`${classes.row} ${classes.head}`}>
        {selection && (
          <span role="columnheader">
            <span className="visually-hidden">Selected</span>
          </span>
        )}
        <span role="columnheader">Device</span>
        <span role="columnheader">Presence</span>
        <span role="columnheader">Latest values</span>
        <span role="columnheader">Last seen</span>
      </div>
      <div ref={list} role="rowgroup" className={classes.rows} style={{ height: virtualizer.getTotalSize() }}>
        {rows.map((row) => (
          <DeviceRow
            key={row.key}
            device={devices[row.index]!}
            index={row.index}
            top={row.start - offset}
            height={rowHeight}
            selected={selection?.devices.has(devices[row.index]!.id)}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
}

/** Selects a row, or with Shift all from the last one that was to this. Stays the same: rows are many. */
function useSelecting(devices: Device[], selection: Selection | undefined) {
  const last = useRef<number>(undefined);
  const now = useRef({ devices, selection });
  now.current = { devices, selection };
  return useCallback((index: number, isRange: boolean) => {
    const { devices, selection } = now.current;
    const from = isRange ? (last.current ?? index) : index;
    last.current = index;
    const range = devices.slice(Math.min(from, index), Math.max(from, index) + 1);
    selection?.set(range, !selection.devices.has(devices[index]!.id));
  }, []);
}

interface RowProps {
  device: Device;
  index: number;
  top: number;
  height: number;
  /** Undefined where rows can't be selected. */
  selected: boolean | undefined;
  onSelect: (index: number, isRange: boolean) => void;
}

const DeviceRow = memo(function DeviceRow(props: RowProps) {
  const { device: read, index, top, height, selected, onSelect } = props;
  const { id: org } = useOrganization();
  const device = useLiveDevice(read);
  const named = device.name !== device.external_device_id;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={classes.row}
      style={{ transform: `translateY(${top}px)`, height }}
      data-selected={selected || undefined}
    >
      {selected !== undefined && (
        <span role="cell" className={classes.check}>
          <Checkbox
            aria-label={`Select ${device.name}`}
            checked={selected}
            // React makes a change of the click, which knows of the key.
            onChange={(event) => onSelect(index, (event.nativeEvent as unknown as MouseEvent).shiftKey)}
          />
        </span>
      )}
      <span role="cell" className={classes.device}>
        <Link to={paths.device} params={{ org, device: device.id }} className={classes.name}>
          {device.name}
        </Link>
        {(named || device.tags.length > 0) && (
          <span className={classes.second}>
            {named && <span className={classes.id}>{device.external_device_id}</span>}
            <TagWords tags={device.tags} />
          </span>
        )}
      </span>
      <span role="cell" className={classes.presence}>
        <PresenceMark presence={device.presence} />
      </span>
      <span role="cell" className={classes.values}>
        <LatestValues device={device} />
      </span>
      <span role="cell" className={classes.seen}>
        <Ago at={device.last_seen_at} never="never heard from" />
      </span>
    </div>
  );
});
