import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import {
  IconArrowsRightLeft,
  IconCloudDownload,
  IconTransferOut,
  IconWebhook,
} from '../../components/icons.ts';
import { type Way, wayOrder, ways } from '../../integrations/ways.ts';
import { Step } from '../connect/Step.tsx';
import classes from './NewIntegration.module.css';

const icons = {
  webhook: IconWebhook,
  subscribe: IconCloudDownload,
  bridge: IconArrowsRightLeft,
  forward: IconTransferOut,
} satisfies Record<Way, typeof IconWebhook>;

interface Props {
  way: Way | undefined;
  onChoose: (way: Way | undefined) => void;
}

/** Step one: who hands over the messages, and to whom. */
export function WayStep({ way, onChoose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const before = useRef(way);
  // Who comes back finds the focus on the way that was chosen before.
  useEffect(() => {
    if (!way && before.current) {
      list.current?.querySelector<HTMLElement>(`[data-way=${before.current}]`)?.focus();
    }
    before.current = way;
  }, [way]);
  if (way) {
    const brief = (
      <Button
        variant="subtle"
        size="compact-sm"
        aria-label="Change the way"
        onClick={() => onChoose(undefined)}
      >
        Change
      </Button>
    );
    return <Step number={1} title={ways[way].title} done brief={brief} />;
  }
  return (
    <Step number={1} title="How do messages get here?">
      <ul className={classes.ways} ref={list}>
        {wayOrder.map((one) => {
          const { title, fits, takes } = ways[one];
          const Icon = icons[one];
          return (
            <li key={one}>
              <button type="button" className={classes.way} data-way={one} onClick={() => onChoose(one)}>
                <Icon size={22} stroke={1.7} aria-hidden />
                <span className={classes.title}>{title}</span>
                <span className={classes.fits}>{fits}</span>
                <span className={classes.takes}>{takes}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </Step>
  );
}
