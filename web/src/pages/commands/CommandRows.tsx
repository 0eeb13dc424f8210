import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Command } from '../../api/types.ts';
import { useSteady } from '../../components/use-steady.ts';
import { plural } from '../../format/value.ts';
import { usePermission } from '../../session/session.ts';
import look from './Command.module.css';
import { CommandRow } from './CommandRow.tsx';
import classes from './Commands.module.css';

interface Props {
  commands: Command[];
  /** True when the API has older ones. */
  more: boolean;
  onMore: () => void;
}

/** So many rows before the last one shown is asked for what follows it. */
const lookAhead = 20;

/** Only the rows on screen exist. New ones come on top, unless somebody reads further down. */
export function CommandRows({ commands, more, onMore }: Props) {
  const mayAct = usePermission('member').allowed;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [isDown, setDown] = useState(false);
  const { shown, newer, showNewer } = useSteady(commands, createdAt, isDown || open.size > 0);
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), []);
  const virtualizer = useWindowVirtualizer({
    count: shown.length,
    estimateSize: () => 66,
    overscan: 6,
    scrollMargin: offset,
    getItemKey: (index) => shown[index]!.id,
  });
  const rows = virtualizer.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  const scrolled = (virtualizer.scrollOffset ?? 0) > offset;
  useEffect(() => setDown(scrolled), [scrolled]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: onMore is new every time and asks once only
  useEffect(() => {
    if (more && last >= shown.length - lookAhead) onMore();
  }, [more, last, shown.length]);

  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  const toNewest = () => {
    showNewer();
    window.scrollTo({ top: 0 });
  };
  return (
    <>
      {newer > 0 && (
        <div className={classes.newer}>
          <button type="button" onClick={toNewest}>
            Show {plural(newer, 'newer command')}
          </button>
        </div>
      )}
      <ul
        ref={list}
        className={look.list}
        aria-label="Commands"
        style={{ position: 'relative', height: virtualizer.getTotalSize() }}
      >
        {rows.map((row) => (
          <li
            key={row.key}
            ref={virtualizer.measureElement}
            data-index={row.index}
            className={classes.place}
            style={{ transform: `translateY(${row.start - offset}px)` }}
          >
            <CommandRow
              command={shown[row.index]!}
              open={open.has(shown[row.index]!.id)}
              onOpen={() => toggle(shown[row.index]!.id)}
              withDevice
              mayAct={mayAct}
              onSentAgain={(again) => showNewer(again.created_at)}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function createdAt({ created_at }: Command): string {
  return created_at;
}
