import { filterIsWithin } from '../../domain/topic.ts';
import type { Facts } from './facts.ts';
import type { SetupInput } from './guide.ts';
import { label } from './quoting.ts';

/** How commands come to the customer's broker, in a note or two. */
export function commandNotes(mode: SetupInput['mode'], facts: Facts): string[] {
  const { hasBroker, filters } = facts;
  const isOnCall = mode === 'webhook' || mode === 'forward';
  if (facts.commandFilter === undefined) {
    const broker = isOnCall ? ' and the address of your broker' : '';
    return [`To send commands to your devices, give the integration a topic for them${broker}.`];
  }
  const commandFilter = label(facts.commandFilter);
  if (mode === 'bridge') {
    const echoed = filters.find((filter) => filterIsWithin(facts.commandFilter!, filter));
    return [
      `Commands come over the same connection, to ${commandFilter}.`,
      ...(echoed === undefined
        ? []
        : [
            `${echoed} takes them in, too: what your own clients publish there comes back to them. Choose narrower topics, or another one for commands.`,
          ]),
    ];
  }
  if (mode === 'subscribe')
    return [`Commands go over the same connection, to ${commandFilter}: let our user publish there.`];
  return [
    hasBroker
      ? `Commands: we connect to your broker when there is one, and publish it to ${commandFilter}: let our user do so.`
      : `Commands to ${commandFilter} need the address of your broker: give it in the integration, with a user that may publish there.`,
  ];
}
