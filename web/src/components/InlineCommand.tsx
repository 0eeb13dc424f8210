import { CopyButton } from './CopyButton.tsx';
import classes from './InlineCommand.module.css';

/** A short command in running text, to copy. */
export function InlineCommand({ command }: { command: string }) {
  return (
    <span className={classes.inline}>
      <code>{command}</code>
      <CopyButton text={command} label={`Copy ${command}`} />
    </span>
  );
}
