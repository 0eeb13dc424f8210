import type { ReactNode } from 'react';
import classes from './Empty.module.css';
import type { IconInbox } from './icons.ts';

interface Props {
  icon: typeof IconInbox;
  title: string;
  /** What it means and what to do next. */
  children: ReactNode;
  action?: ReactNode;
}

/** A list with nothing in it, which teaches the next step. */
export function Empty({ icon: Icon, title, children, action }: Props) {
  return (
    <div className={classes.empty}>
      <Icon size={28} stroke={1.5} className={classes.icon} aria-hidden />
      <p className={classes.title}>{title}</p>
      <p className={classes.text}>{children}</p>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
