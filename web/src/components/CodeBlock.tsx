import type { ReactNode } from 'react';
import classes from './CodeBlock.module.css';
import { CopyButton } from './CopyButton.tsx';

interface Props {
  code: string;
  /** What it is, for those who hear the page: `mosquitto_pub command`. */
  label: string;
  /** Left of the copy button. */
  bar?: ReactNode;
  /** Beside the copy button. */
  actions?: ReactNode;
}

/** A command or a program: the whole of it is one copy away. */
export function CodeBlock({ code, label, bar, actions }: Props) {
  return (
    <div className={classes.block}>
      <div className={classes.bar}>
        {bar || <span className={classes.label}>{label}</span>}
        <div className={classes.actions}>
          {actions}
          <CopyButton text={code} label={`Copy ${label}`} wide />
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard */}
      <section className={classes.code} tabIndex={0} aria-label={label}>
        <pre>
          <code>{code}</code>
        </pre>
      </section>
    </div>
  );
}
