import { type ReactNode, useId, useRef } from 'react';
import type { Command } from '../../api/types.ts';
import { inShort } from '../../commands/in-short.ts';
import { actionFor, wentWrong } from '../../commands/states.ts';
import { Ago } from '../../components/Ago.tsx';
import { IconChevronRight } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { useLiveCommand } from '../../live/live.tsx';
import type { ShownCommand } from '../../live/live-commands.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Command.module.css';
import { CommandActionButton } from './CommandActionButton.tsx';
import { CommandStateMark } from './CommandStateMark.tsx';
import { CommandStory } from './CommandStory.tsx';

interface Props {
  command: ShownCommand;
  open: boolean;
  onOpen: () => void;
  /** With its device, where they are of several. */
  withDevice?: boolean;
  mayAct: boolean;
  /** It was sent again: the new one stands on top. */
  onSentAgain?: (again: Command) => void;
}

/** One command: how it stands, what was asked, what came of it; its whole story when opened. */
export function CommandRow({ command: read, open, onOpen, withDevice, mayAct, onSentAgain }: Props) {
  const command = useLiveCommand(read);
  const body = useId();
  const toggle = useRef<HTMLButtonElement>(null);
  const { name, state } = command;
  const action = actionFor(state);
  // What nobody has to see to is acted on where its story is.
  const inRow = mayAct && !open && action && (action === 'cancel' || wentWrong(state));
  const params = inShort(command.params);
  return (
    <div className={classes.row} data-open={open || undefined} data-with-device={withDevice}>
      <div className={classes.summary}>
        <IconChevronRight size={15} className={classes.chevron} aria-hidden />
        <span className={classes.state}>
          <CommandStateMark state={state} />
        </span>
        <span className={classes.when}>
          <Ago at={command.created_at} />
        </span>
        <div className={classes.what}>
          <div className={classes.asked}>
            <button
              ref={toggle}
              type="button"
              className={classes.toggle}
              aria-expanded={open}
              aria-controls={body}
              onClick={onOpen}
            >
              {name}
            </button>
            {params && <code className={classes.params}>{params}</code>}
          </div>
          <CommandNews command={command} />
        </div>
        {withDevice && <DeviceLink command={command} />}
        <span className={classes.act}>
          {inRow && (
            <CommandActionButton
              command={command}
              action={action}
              quiet
              // The button goes with what it was for.
              onDone={(now) => (action === 'cancel' ? toggle.current?.focus() : onSentAgain?.(now))}
            />
          )}
        </span>
      </div>
      <div id={body} hidden={!open} className={classes.body}>
        {open && <CommandStory command={command} mayAct={mayAct} onSentAgain={onSentAgain} />}
      </div>
    </div>
  );
}

/** Why it is where it is, or what the device has answered. */
export function CommandNews({ command: { detail, result } }: { command: ShownCommand }): ReactNode {
  if (detail) return <span className={classes.news}>{detail}</span>;
  const answered = inShort(result);
  return answered && <code className={classes.result}>{answered}</code>;
}

function DeviceLink({ command }: { command: ShownCommand }) {
  const { id: org } = useOrganization();
  return (
    <span className={classes.device}>
      <AnchorLink to={paths.device} params={{ org, device: command.device_id }} inherit>
        {command.external_device_id}
      </AnchorLink>
    </span>
  );
}
