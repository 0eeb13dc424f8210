import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { answer, api, idempotent } from '../api/client.ts';
import { deviceCommandsQuery, recentCommands } from '../api/command-queries.ts';
import type { Command } from '../api/types.ts';
import { useRepeatable } from '../api/use-repeatable.ts';
import { useLiveCommands } from '../live/live.tsx';
import { useOrganization } from '../session/session.ts';
import type { CommandBody } from './draft.ts';

/** What can be done with commands; the lists on the page know of it at once. Each throws why it was refused. */
export function useCommandActions() {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const live = useLiveCommands();
  const made = (commands: Command[]) => {
    for (const command of commands) live.answer(command);
    for (const device of new Set(commands.map(({ device_id }) => device_id))) {
      addToRecent(queries, { org, device, commands });
    }
    void queries.invalidateQueries({ queryKey: [org, 'commands'] });
  };

  const send = useRepeatable(async (asked: { device: string; body: CommandBody }, key) => {
    const params = { path: { org, device: asked.device }, header: key };
    const command = await answer(
      api.POST('/api/v1/organizations/{org}/devices/{device}/commands', { params, body: asked.body }),
    );
    made([command]);
    return command;
  });
  const sendToMany = useRepeatable(async (asked: { devices: string[]; body: CommandBody }, key) => {
    const { items } = await answer(
      api.POST('/api/v1/organizations/{org}/commands', {
        params: { path: { org }, header: key },
        body: { ...asked.body, device_ids: asked.devices },
      }),
    );
    made(items);
    return items;
  });
  const cancel = async (command: Command) => {
    const params = { path: { org, command: command.id } };
    const cancelled = await answer(
      api.POST('/api/v1/organizations/{org}/commands/{command}/cancel', { params }),
    );
    live.answer(cancelled);
    void queries.invalidateQueries({ queryKey: [org, 'commands'] });
    return cancelled;
  };
  const sendAgain = async (command: Command) => {
    const params = { path: { org, command: command.id }, header: idempotent() };
    const again = await answer(
      api.POST('/api/v1/organizations/{org}/commands/{command}/send-again', { params }),
    );
    made([again]);
    return again;
  };
  return { send, sendToMany, cancel, sendAgain };
}

/** On top of the device's list, where it is shown, unless an event was quicker. */
function addToRecent(
  queries: QueryClient,
  { org, device, commands }: { org: string; device: string; commands: Command[] },
): void {
  queries.setQueryData(deviceCommandsQuery(org, device).queryKey, (page) => {
    if (!page) return page;
    const known = new Set(page.items.map(({ id }) => id));
    const added = commands.filter(({ id, device_id }) => device_id === device && !known.has(id));
    return { ...page, items: [...added, ...page.items].slice(0, recentCommands) };
  });
}
