import { type ReactNode, useState } from 'react';
import classes from './Folded.module.css';

interface Props {
  title: string;
  /** Whether it is unfolded at first. */
  open?: boolean;
  children: ReactNode;
}

/** Settings that few need, one below the other, out of the way of those that everybody does. */
export function Folded({ title, open = false, children }: Props) {
  // Only at first: what is emptied while one types in it may not fold up.
  const [initially] = useState(open);
  return (
    <details className={classes.details} open={initially}>
      <summary>{title}</summary>
      <div className={classes.group}>{children}</div>
    </details>
  );
}
