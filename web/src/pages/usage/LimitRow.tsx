import type { UsedLimit } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { IconAlertTriangle, IconBan, IconCircleCheck, IconCircleDashed } from '../../components/icons.ts';
import { plural } from '../../format/value.ts';
import { type Level, levelOf, limitWords, percentOf } from '../../usage/limits.ts';
import classes from './Usage.module.css';

const marks: Record<Level, { icon: typeof IconBan; words: string; className: string | undefined }> = {
  unlimited: { icon: IconCircleDashed, words: 'No limit', className: classes.quiet },
  plenty: { icon: IconCircleCheck, words: 'Within the limit', className: classes.plenty },
  near: { icon: IconAlertTriangle, words: 'Nearly used up', className: classes.near },
  full: { icon: IconBan, words: 'Used up', className: classes.full },
};

/** One limit: a bar, the same in words, and what became of it today. */
export function LimitRow({ limit }: { limit: UsedLimit }) {
  const words = limitWords[limit.name];
  const level = levelOf(limit);
  const percent = percentOf(limit);
  const mark = marks[level];
  return (
    <li className={classes.limit} aria-label={words.name}>
      <div className={classes.name}>
        <span className={classes.title}>{words.name}</span>
        <span className={classes.counts}>{words.counts}</span>
      </div>
      <div className={classes.use}>
        <div className={classes.figures}>
          <span className="figures">{figuresOf(limit)}</span>
          {(percent !== null || level === 'unlimited') && (
            <span className={`${classes.mark} ${mark.className}`}>
              <mark.icon size={16} stroke={1.9} aria-hidden />
              {level === 'plenty' || level === 'near' ? `${mark.words}, ${percent}%` : mark.words}
            </span>
          )}
        </div>
        {percent !== null && (
          // The words above say the same.
          <div className={classes.bar} aria-hidden>
            <div className={`${classes.filled} ${mark.className}`} style={{ width: `${percent}%` }} />
          </div>
        )}
        <Today limit={limit} />
      </div>
    </li>
  );
}

function figuresOf({ name, limit, used }: UsedLimit): string {
  const { format } = limitWords[name];
  if (limit === null) return used === null ? 'As the platform allows' : format(used);
  return used === null ? `Up to ${format(limit)}` : `${format(used)} of ${format(limit)}`;
}

function Today({ limit: { name, peak_today, hits_today, last_hit_at } }: { limit: UsedLimit }) {
  const { format } = limitWords[name];
  if (peak_today === null && last_hit_at === null) return null;
  return (
    <p className={classes.today}>
      {peak_today !== null && <span>Most today: {format(peak_today)}</span>}
      {last_hit_at !== null && (
        <span>
          Reached {hits_today > 0 && `${plural(hits_today, 'time')} today, `}last <Ago at={last_hit_at} />
        </span>
      )}
    </p>
  );
}
