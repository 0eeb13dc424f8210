import { connectAsync } from 'mqtt';
import type { TestPlatform } from './platform.ts';

/** A command as a device gets it. */
export interface ReceivedCommand {
  id: string;
  name: string;
  params: Record<string, unknown>;
}

export interface CommandedDevice {
  /** The next command that it gets. */
  next(): Promise<ReceivedCommand>;
  /** Says what became of a command; resolves when the broker has it. */
  say(answer: { id: string; status: string; result?: unknown }): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * A real client with the device's own credential, subscribed to its commands.
 * @param answer what it says to each command at once: that it has succeeded, unless it says otherwise
 */
export async function commandedDevice(
  platform: TestPlatform,
  name: string,
  answer?: (command: ReceivedCommand) => object,
): Promise<CommandedDevice> {
  const { username, password } = await platform.credential(name);
  const client = await connectAsync(platform.mqttUrl, {
    protocolVersion: 4,
    clientId: name,
    username,
    password,
  });
  const topic = (channel: string) => `org_${platform.organizationId}/devices/${name}/${channel}`;
  const received: ReceivedCommand[] = [];
  const waiting: ((command: ReceivedCommand) => void)[] = [];
  const say: CommandedDevice['say'] = (said) =>
    client.publishAsync(topic('responses'), JSON.stringify(said), { qos: 1 });
  client.on('message', (_, payload) => {
    const command = JSON.parse(payload.toString()) as ReceivedCommand;
    if (answer) void say({ id: command.id, status: 'succeeded', ...answer(command) });
    const taker = waiting.shift();
    if (taker) taker(command);
    else received.push(command);
  });
  await client.subscribeAsync(topic('commands'), { qos: 1 });
  const next = () =>
    new Promise<ReceivedCommand>((resolve) => {
      const command = received.shift();
      if (command) resolve(command);
      else waiting.push(resolve);
    });
  return { next, say, close: () => client.endAsync() };
}
