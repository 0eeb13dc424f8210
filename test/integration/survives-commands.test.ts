import { expect, test } from 'vitest';
import { type CommandsResult, externalCommands, hostedCommands } from '../soak/commands.ts';

const ways: Record<string, () => Promise<CommandsResult>> = {
  'the hosted broker, with the platform and its database killed and devices away': hostedCommands,
  'a customer’s broker, with a worker of three and the database killed and the broker restarted':
    externalCommands,
};

test.each(Object.keys(ways))(
  'a thousand commands to a hundred devices over %s: each is done once, in order, and ends',
  { timeout: 120_000 },
  async (way) => {
    const { states, differences, repeats, settled } = await ways[way]!();
    expect(differences).toEqual([]);
    expect(states).toEqual({ succeeded: 1000 });
    // What was on its way when somebody was killed, which its id reveals.
    expect(repeats).toBeLessThan(200);
    expect(settled).toBeLessThan(40_000);
  },
);
