import { type PointerEvent, useState } from 'react';
import type { Device } from '../api/types.ts';
import { Changing } from '../components/Changing.tsx';
import type { Metrics } from '../format/metric.ts';
import { exactTime, timeWithin } from '../format/time.ts';
import { formatValue } from '../format/value.ts';
import { Annotations, type Band } from './Annotations.tsx';
import { type Crosshair, usePointedTime } from './crosshair.ts';
import type { Span } from './range.ts';
import classes from './StateStrips.module.css';
import { type States, stateAt } from './states.ts';

interface Props {
  metrics: string[];
  states: Map<string, States>;
  wordsOf: Metrics;
  /** What held meanwhile, by metric. */
  bandsOf: (metric: string) => readonly Band[];
  latest: Device['latest'];
  span: Span;
  crosshair: Crosshair;
  /** True when the strips begin later than the span because there was too much to read. */
  isCut: boolean;
}

/** Booleans and texts over time, one strip each: a colour and a word for as long as a state held. */
export function StateStrips({ metrics, states, wordsOf, bandsOf, latest, span, crosshair, isCut }: Props) {
  return (
    <section className={classes.strips} aria-label="States">
      {metrics.map((metric) => (
        <div key={metric} className={classes.metric}>
          <div className={classes.head}>
            <span className={classes.name} title={metric}>
              {wordsOf(metric).label}
            </span>
            <Changing of={latest[metric]?.value} className={classes.now}>
              {latest[metric] ? formatValue(latest[metric].value) : 'none yet'}
            </Changing>
          </div>
          <div className={classes.course}>
            <Course metric={metric} states={states.get(metric)} span={span} crosshair={crosshair} />
            <Annotations bands={bandsOf(metric)} span={span} place="strip" />
          </div>
        </div>
      ))}
      <div className={classes.axis}>
        <span>{axisTime(span.from, span)}</span>
        <span>{axisTime((span.from + span.to) / 2, span)}</span>
        <span>{span.live ? 'now' : axisTime(span.to, span)}</span>
      </div>
      {isCut && (
        <p className={classes.note}>
          Earlier states are too many to show at this range. Zoom in to see them.
        </p>
      )}
    </section>
  );
}

/** Seconds only where they tell anything. */
function axisTime(at: number, { from, to }: Span): string {
  const text = timeWithin(at, to - from);
  return to - from >= 15 * 60_000 ? text.replace(/(:\d\d):\d\d$/, '$1') : text;
}

/** A text that changes more often than this is no state, and would be a strip of stripes. */
const mostValues = 24;
const mostStretches = 600;

interface CourseProps {
  metric: string;
  states: States | undefined;
  span: Span;
  crosshair: Crosshair;
}

function Course({ metric, states, span, crosshair }: CourseProps) {
  const visible = states?.stretches.filter(({ from, to }) => to >= span.from && from <= span.to) ?? [];
  if (!states || visible.length === 0)
    return <div className={classes.nothing}>Nothing known in this time</div>;
  if (states.values.length > mostValues || visible.length > mostStretches)
    return <LastValues stretches={visible} />;
  return <Strip metric={metric} states={states} visible={visible} span={span} crosshair={crosshair} />;
}

function Strip({
  metric,
  states,
  visible,
  span,
  crosshair,
}: Required<CourseProps> & { states: States; visible: States['stretches'] }) {
  const [self] = useState(() => ({}));
  const pointed = usePointedTime(crosshair);
  const length = span.to - span.from;
  const place = (at: number) => Math.min(Math.max(((at - span.from) / length) * 100, 0), 100);
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    crosshair.point(Math.round(span.from + ((event.clientX - left) / width) * length), self);
  };
  const under = pointed === undefined ? undefined : stateAt(states, pointed);
  return (
    <div
      className={classes.strip}
      role="img"
      aria-label={`${metric} over time: ${visible.length} stretches of ${states.values.join(', ')}`}
      onPointerMove={move}
      onPointerLeave={() => crosshair.point(undefined, self)}
    >
      {visible.map(({ from, to, value }) => (
        <div
          key={from}
          className={classes.stretch}
          data-shade={shadeOf(value, states.values)}
          style={{ left: `${place(from)}%`, width: `${place(to) - place(from)}%` }}
        >
          <span>{value}</span>
        </div>
      ))}
      {pointed !== undefined && pointed >= span.from && pointed <= span.to && (
        <>
          <div className={classes.hair} style={{ left: `${place(pointed)}%` }} />
          <div
            className={classes.pointed}
            data-side={place(pointed) > 60 ? 'left' : 'right'}
            style={{ left: `${place(pointed)}%` }}
          >
            {under ? under.value : 'nothing known'}
          </div>
        </>
      )}
    </div>
  );
}

/** What reads as "off" is pale, what reads as "on" has the accent; others take shades in the order they appear. */
function shadeOf(value: string, values: string[]): string {
  if (/^(false|off|closed|no|0|idle|ok|normal|inactive)$/i.test(value)) return 'off';
  if (/^(true|on|open|yes|1|running|active)$/i.test(value)) return 'on';
  return String(values.indexOf(value) % 5);
}

function LastValues({ stretches }: { stretches: States['stretches'] }) {
  return (
    <table className={classes.values}>
      <tbody>
        {stretches
          .slice(-5)
          .toReversed()
          .map(({ from, value }) => (
            <tr key={from}>
              <td className="figures">{exactTime(from)}</td>
              <td>{value}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
