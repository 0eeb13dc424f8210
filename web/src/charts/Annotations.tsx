import { Link } from '@tanstack/react-router';
import type { Severity } from '../../../src/domain/alert.ts';
import { severityWords } from '../alerts/in-words.ts';
import { severityIcons } from '../alerts/Severity.tsx';
import { exactTime } from '../format/time.ts';
import { paths } from '../paths.ts';
import { useOrganization } from '../session/session.ts';
import classes from './Annotations.module.css';
import type { Span } from './range.ts';

/** A time in which something held, as an alert that was open. In ms since 1970. */
export interface Band {
  key: string;
  from: number;
  /** Undefined while it goes on. */
  to: number | undefined;
  severity: Severity;
  /** What it was: `Too warm`. */
  label: string;
  /** The alert's id, where there is one to look at. */
  alert?: string;
}

/** More than these are told apart by nobody. */
const mostBands = 200;
/** Icons nearer than this share of the width would lie on one another. */
const apart = 0.035;

interface Props {
  bands: readonly Band[];
  span: Span;
  /** On lines, or on a strip of states. */
  place?: 'plot' | 'strip';
}

/** Bands behind the lines of a chart, each with the icon of its severity, which leads to the alert. */
export function Annotations({ bands, span, place = 'plot' }: Props) {
  const length = span.to - span.from;
  const share = (at: number) => Math.min(Math.max((at - span.from) / length, 0), 1);
  const visible = bands
    .filter(({ from, to }) => from < span.to && (to ?? span.to) > span.from)
    .sort((a, b) => a.from - b.from)
    .slice(-mostBands);
  let lastIcon = -1;
  if (visible.length === 0) return null;
  return (
    <div className={classes[place]}>
      {visible.map((band) => {
        const [left, right] = [share(band.from), share(band.to ?? span.to)];
        const hasIcon = left - lastIcon >= apart;
        if (hasIcon) lastIcon = left;
        return (
          <div
            key={band.key}
            className={classes.band}
            data-severity={band.severity}
            data-open={band.to === undefined || undefined}
            // There its icon would stand outside.
            data-end={left > 0.94 || undefined}
            style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
          >
            {hasIcon && <Tag band={band} />}
          </div>
        );
      })}
    </div>
  );
}

function Tag({ band }: { band: Band }) {
  const { id: org } = useOrganization();
  const Icon = severityIcons[band.severity];
  const until = band.to === undefined ? 'goes on' : `until ${exactTime(band.to)}`;
  const words = `${severityWords[band.severity]}: ${band.label}, from ${exactTime(band.from)}, ${until}`;
  const icon = <Icon size={14} stroke={2} aria-hidden />;
  if (band.alert === undefined)
    return (
      <span className={classes.tag} title={words} role="img" aria-label={words}>
        {icon}
      </span>
    );
  return (
    <Link
      to={paths.alert}
      params={{ org, alert: band.alert }}
      className={classes.tag}
      title={words}
      aria-label={words}
    >
      {icon}
    </Link>
  );
}
