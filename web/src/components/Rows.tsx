import type { ReactNode } from 'react';
import classes from './Rows.module.css';

/** A short list of things with what can be done with each. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.rows} aria-label={label}>
      {children}
    </ul>
  );
}

/** What it is, what is known of it in a dimmer line, and its actions. */
export function Row({
  title,
  detail,
  actions,
}: {
  title: ReactNode;
  detail: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <div className={classes.title}>{title}</div>
        <div className={classes.detail}>{detail}</div>
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </li>
  );
}
