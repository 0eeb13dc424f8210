import { CopyButton } from './CopyButton.tsx';
import classes from './CodeBlock.module.css';

/** A command or a program to copy. The whole of it is one copy away. */
export function CodeBlock({ code, label, onCopied }: { code: string; label: string; onCopied?: () => void }) {
  return (
    <div className={classes['block']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard */}
      <pre className={classes['code']} tabIndex={0} aria-label={label}>
        <code>{code}</code>
      </pre>
      <div className={classes['copy']}>
        <CopyButton text={code} label={`Copy ${label}`} wide onCopied={onCopied} />
      </div>
    </div>
  );
}
