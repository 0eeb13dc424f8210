import type { ReactNode } from 'react';
import type { UsedLimit } from '../api/types.ts';
import { Ago } from '../components/Ago.tsx';
import { Notice } from '../components/Notice.tsx';
import { useNow } from '../components/use-now.ts';
import { plural } from '../format/value.ts';
import classes from './LimitNotice.module.css';
import { hitLately, limitWords } from './limits.ts';

/** Tells of limits that held something back within the last hour; nothing if none did. */
export function LimitNotice({ limits, action }: { limits: readonly UsedLimit[]; action?: ReactNode }) {
  const hit = hitLately(limits, useNow());
  if (hit.length === 0) return null;
  return (
    <Notice
      kind="warn"
      role="status"
      title={
        hit.length === 1 ? 'A limit was reached in the last hour' : 'Limits were reached in the last hour'
      }
      action={action}
    >
      <ul className={classes.list}>
        {hit.map(({ name, hits_today, last_hit_at }) => (
          <li key={name}>
            <strong>{limitWords[name].name}</strong>, <Ago at={last_hit_at} />
            {hits_today > 0 && `, ${plural(hits_today, 'time')} today`}. {limitWords[name].beyond}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
