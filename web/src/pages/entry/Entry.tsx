import type { ReactNode } from 'react';
import { Brand } from '../../components/Brand.tsx';
import { useTitle } from '../../components/Page.tsx';
import classes from './Entry.module.css';

/** A page before the dashboard: one thing to do, in the middle. */
export function Entry({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  useTitle(title);
  return (
    <main className={classes.entry}>
      <div className={classes.column}>
        <Brand />
        <div className={classes.card}>
          <h1 className={classes.title}>{title}</h1>
          {text && <p className={classes.text}>{text}</p>}
          {children}
        </div>
      </div>
    </main>
  );
}
