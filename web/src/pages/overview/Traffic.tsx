import { useState } from 'react';
import type { Overview } from '../../api/types.ts';
import { Changing } from '../../components/Changing.tsx';
import { Panel } from '../../components/Page.tsx';
import { useNow } from '../../components/use-now.ts';
import { formatCount, formatRate, plural } from '../../format/value.ts';
import { lastHour, type Minute, scaleEnd } from './minutes.ts';
import classes from './Overview.module.css';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** Messages per second now, and each minute of the last hour. */
export function Traffic({ traffic, perSecond }: { traffic: Overview['traffic']; perSecond: number }) {
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const hour = lastHour(traffic, minute);
  const [pointed, setPointed] = useState<string>();
  const shown = hour.find((one) => one.minute === pointed);
  const total = hour.reduce((sum, one) => sum + inAll(one), 0);
  const end = scaleEnd(Math.max(...hour.map(inAll)));
  return (
    <Panel title="Messages">
      <div className={classes.rate}>
        <Changing of={formatRate(perSecond)} className={classes.number}>
          {formatRate(perSecond)}
        </Changing>
        <span className={classes.unit}>per second, over the last minute</span>
      </div>
      <div
        className={classes.bars}
        role="img"
        aria-label={`${plural(total, 'message')} in the last hour`}
        onPointerLeave={() => setPointed(undefined)}
      >
        {hour.map((one) => (
          <div key={one.minute} className={classes.minute} onPointerEnter={() => setPointed(one.minute)}>
            <div
              className={classes.trouble}
              style={{ height: `${((inAll(one) - one.stored) / end) * 100}%` }}
            />
            <div className={classes.stored} style={{ height: `${(one.stored / end) * 100}%` }} />
          </div>
        ))}
      </div>
      <div className={classes.axis}>
        <span>{clock.format(Date.parse(hour[0]!.minute))}</span>
        <span>{clock.format(Date.parse(hour[30]!.minute))}</span>
        <span>now</span>
      </div>
      <div className={classes.legend}>
        {shown ? (
          <OneMinute minute={shown} />
        ) : (
          <span>{plural(total, 'message')} in the last hour, one bar a minute</span>
        )}
      </div>
    </Panel>
  );
}

function inAll(minute: Minute): number {
  return minute.stored + minute.duplicate + minute.quarantined + minute.rejected;
}

function OneMinute({ minute }: { minute: Minute }) {
  const troubles = (['duplicate', 'quarantined', 'rejected'] as const).filter(
    (outcome) => minute[outcome] > 0,
  );
  return (
    <>
      <strong>{clock.format(Date.parse(minute.minute))}</strong>
      <span>{formatCount(minute.stored)} stored</span>
      {troubles.map((outcome) => (
        <span key={outcome}>
          {formatCount(minute[outcome])} {outcome}
        </span>
      ))}
    </>
  );
}
