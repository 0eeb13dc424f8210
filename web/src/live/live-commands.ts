import type { CommandStreamEvent } from '../../../src/contract/events.ts';
import { isFinal } from '../../../src/domain/command.ts';
import type { Command } from '../api/types.ts';
import { LiveValues } from './live-values.ts';

/** A command as a page shows it: `truncated` when its params and result are too long for an event. */
export type ShownCommand = Command & { truncated?: boolean };

/** More than a list holds; each has up to 4 KiB of params and result. */
const mostCommands = 5000;

/** States of commands, as events say. */
export class LiveCommands extends LiveValues<CommandStreamEvent> {
  constructor(schedule?: (flush: () => void) => void) {
    super(mostCommands, schedule);
  }

  /** Events come in the order of their commits; one that is final stays. */
  event(command: CommandStreamEvent): void {
    const known = this.get(command.id);
    if (!known || !isFinal(known.state)) this.put(command.id, command);
  }

  /** What an action was answered with: before the event of it came, or after one that is newer. */
  answer(command: Command): void {
    if (!this.get(command.id) || isFinal(command.state)) this.event({ ...command, truncated: false });
  }
}

/** A command as the API answered, brought up to date. */
export function withLiveState(command: ShownCommand, live: CommandStreamEvent | undefined): ShownCommand {
  if (!live || isFinal(command.state)) return command;
  if (!live.truncated) return { ...command, ...live };
  const { params, result, ...rest } = live;
  return { ...command, ...rest };
}
