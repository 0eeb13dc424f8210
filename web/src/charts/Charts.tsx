// biome-ignore-all lint/a11y/noNoninteractiveTabindex: the arrow keys move what is inside
import { Kbd, Popover, UnstyledButton } from '@mantine/core';
import type { KeyboardEvent, ReactNode } from 'react';
import classes from './Charts.module.css';
import type { Range } from './use-range.ts';

/** The charts of a page, which share a range: the keyboard moves all of them. */
export function Charts({ range, children }: { range: Range; children: ReactNode }) {
  const press = (event: KeyboardEvent<HTMLElement>) => {
    // Keys for a button or a field inside are not for the charts.
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(range);
  };
  return (
    <section
      className={classes.charts}
      aria-label="Charts"
      aria-keyshortcuts="ArrowLeft ArrowRight + - Home"
      tabIndex={0}
      onKeyDown={press}
    >
      {children}
    </section>
  );
}

const keys: Record<string, (range: Range) => void> = {
  ArrowLeft: ({ pan }) => pan(-0.25),
  ArrowRight: ({ pan, span }) => !span.live && pan(0.25),
  '+': ({ zoom }) => zoom(0.5),
  '=': ({ zoom }) => zoom(0.5),
  '-': ({ zoom }) => zoom(2),
  Home: ({ follow, name }) => follow(name),
};

/** How a chart is moved, for those who want to know. */
export function GestureHelp() {
  return (
    <Popover shadow="md" position="bottom-end" width={300}>
      <Popover.Target>
        <UnstyledButton className={classes.help}>drag to zoom</UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <dl className={classes.ways}>
          <dt>Drag</dt>
          <dd>zooms into what you mark</dd>
          <dt>
            <Kbd size="xs">Shift</Kbd> and drag
          </dt>
          <dd>moves through time; on a touchscreen one finger does</dd>
          <dt>Pinch</dt>
          <dd>
            zooms; so does the wheel with <Kbd size="xs">Ctrl</Kbd>
          </dd>
          <dt>Double click</dt>
          <dd>zooms out</dd>
          <dt>
            <Kbd size="xs">←</Kbd> <Kbd size="xs">→</Kbd> <Kbd size="xs">+</Kbd> <Kbd size="xs">−</Kbd>
          </dt>
          <dd>
            move and zoom, <Kbd size="xs">Home</Kbd> goes back to now
          </dd>
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
