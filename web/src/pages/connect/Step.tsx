import type { ReactNode } from 'react';
import { IconCheck } from '../../components/icons.ts';
import classes from './Connect.module.css';

interface Props {
  number: number;
  title: string;
  done?: boolean;
  /** Beside the title, all that is left to say of a step that is done. */
  brief?: ReactNode;
  children?: ReactNode;
}

export function Step({ number, title, done = false, brief, children }: Props) {
  return (
    <section className={`${classes.step} ${children ? '' : classes.brief}`} aria-label={title}>
      <header className={classes.stepHeader}>
        <span className={classes.stepNumber} data-done={done || undefined}>
          {done ? <IconCheck size={15} stroke={2.6} aria-label="Done" /> : number}
        </span>
        <h2>{title}</h2>
        {brief}
      </header>
      {children && <div className={classes.stepBody}>{children}</div>}
    </section>
  );
}
