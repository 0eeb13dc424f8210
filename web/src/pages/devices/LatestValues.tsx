import type { Device } from '../../api/types.ts';
import { Changing } from '../../components/Changing.tsx';
import { useMetrics } from '../../device-types/use-metrics.ts';
import { exactTime } from '../../format/time.ts';
import { formatValue } from '../../format/value.ts';
import classes from './Devices.module.css';

/** More than a row has room for; what doesn't fit is cut off. */
const shown = 5;

/** A device's latest values in the order of their names, so that each stays in its place. */
export function LatestValues({ device: { latest, device_type_id } }: { device: Device }) {
  const wordsOf = useMetrics(device_type_id);
  const metrics = Object.keys(latest).sort((a, b) => a.localeCompare(b));
  if (metrics.length === 0) return <span className={classes.none}>No readings yet</span>;
  return (
    <>
      {metrics.slice(0, shown).map((metric) => {
        const { value, recorded_at } = latest[metric]!;
        const { label, unit } = wordsOf(metric);
        return (
          <span key={metric} className={classes.value} title={`${metric}, ${exactTime(recorded_at)}`}>
            <span className={classes.metric}>{label}</span>
            <Changing of={value} className={classes.figure}>
              {formatValue(value)}
              {unit && <span className={classes.unit}> {unit}</span>}
            </Changing>
          </span>
        );
      })}
      {metrics.length > shown && <span className={classes.none}>+{metrics.length - shown}</span>}
    </>
  );
}
