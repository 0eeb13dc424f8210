import type { ReactNode } from 'react';
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from './icons.ts';
import classes from './Notice.module.css';

const icons = { info: IconInfoCircle, warn: IconAlertTriangle, bad: IconCircleX } as const;

interface Props {
  kind: keyof typeof icons;
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
  role?: 'status' | 'alert';
}

/** Something to know before going on; amber or red only where somebody has to act. */
export function Notice({ kind, title, children, action, role }: Props) {
  const Icon = icons[kind];
  return (
    <div className={`${classes.notice} ${classes[kind]}`} role={role}>
      <Icon size={18} stroke={1.9} className={classes.icon} aria-hidden />
      <div className={classes.body}>
        {title && <p className={classes.title}>{title}</p>}
        {children && <div className={classes.text}>{children}</div>}
        {action && <div className={classes.action}>{action}</div>}
      </div>
    </div>
  );
}
