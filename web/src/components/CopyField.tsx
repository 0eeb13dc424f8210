import type { ReactNode } from 'react';
import { CopyButton } from './CopyButton.tsx';
import classes from './CopyField.module.css';

/** A named value that is meant to be copied, in full and in its own letters. */
export function CopyField({ label, value, note }: { label: string; value: string; note?: ReactNode }) {
  return (
    <div className={classes.field}>
      <dt className={classes.label}>{label}</dt>
      <dd className={classes.value}>
        <code className={classes.text}>{value}</code>
        <CopyButton text={value} label={`Copy ${label.toLowerCase()}`} />
      </dd>
      {note && <dd className={classes.note}>{note}</dd>}
    </div>
  );
}

export function CopyFields({ children }: { children: ReactNode }) {
  return <dl className={classes.list}>{children}</dl>;
}
