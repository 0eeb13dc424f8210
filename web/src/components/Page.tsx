import { type ReactNode, useEffect } from 'react';
import classes from './Page.module.css';

interface Props {
  title: string;
  /** Beside the title: a device's presence, say. */
  aside?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** Above the title: the way back. */
  above?: ReactNode;
  children: ReactNode;
}

/** A page with its heading; the title stands in the browser's tab as well. */
export function Page({ title, aside, description, actions, above, children }: Props) {
  useTitle(title);
  return (
    <div className={classes.page}>
      {above}
      <header className={classes.header}>
        <div className={classes.heading}>
          <div className={classes.titleRow}>
            <h1 className={classes.title}>{title}</h1>
            {aside}
          </div>
          {description && <div className={classes.description}>{description}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · NetNeural MQTT`;
  }, [title]);
}

/** A surface with an optional heading. */
export function Panel({ title, actions, children, flush = false }: PanelProps) {
  return (
    <section className={classes.panel} aria-label={title}>
      {title && (
        <header className={classes.panelHeader}>
          <h2 className={classes.panelTitle}>{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? undefined : classes.panelBody}>{children}</div>
    </section>
  );
}

interface PanelProps {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  /** Without padding, for lists that reach the edge. */
  flush?: boolean;
}
