import type { ReactNode } from 'react';
import classes from './Folded.module.css';

interface Props {
  title: string;
  /** Whether it is unfolded at first. */
  open?: boolean;
  children: ReactNode;
}

/** Settings that few need, one below the other, out of the way of those that everybody does. */
export function Folded({ title, open = false, children }: Props) {
  return (
    <details className={classes.details} open={open}>
      <summary>{title}</summary>
      <div className={classes.group}>{children}</div>
    </details>
  );
}
