import { awsIotWebhook } from './aws-iot.ts';
import { commandNotes } from './commands.ts';
import { emqx4Webhook } from './emqx4.ts';
import { emqx5Bridge, emqx5Subscribe, emqx5Webhook } from './emqx5.ts';
import { type Facts, factsOf } from './facts.ts';
import { forwarderGuides } from './forwarder.ts';
import { genericBridge, genericSubscribe, genericWebhook } from './generic.ts';
import type { SetupGuide, SetupInput } from './guide.ts';
import { hivemqBridge, hivemqSubscribe, hivemqWebhook } from './hivemq.ts';
import { mosquittoBridge, mosquittoSubscribe, mosquittoWebhook } from './mosquitto.ts';
import { vernemqSubscribe, vernemqWebhook } from './vernemq.ts';

export type { SetupFile, SetupGuide, SetupInput } from './guide.ts';

/** Best first: those that try again before those that don't, and at the end those that have no such way. */
const guidesOf: Record<SetupInput['mode'], (facts: Facts) => SetupGuide[]> = {
  webhook: (facts) => [
    emqx5Webhook(facts),
    awsIotWebhook(facts),
    genericWebhook(facts),
    emqx4Webhook(facts),
    vernemqWebhook(facts),
    mosquittoWebhook(),
    hivemqWebhook(),
  ],
  bridge: (facts) => [mosquittoBridge(facts), emqx5Bridge(facts), hivemqBridge(facts), genericBridge(facts)],
  forward: forwarderGuides,
  subscribe: (facts) => [
    mosquittoSubscribe(facts),
    emqx5Subscribe(facts),
    vernemqSubscribe(facts),
    hivemqSubscribe(facts),
    genericSubscribe(facts),
  ],
};

/**
 * The exact configuration for a customer's broker, to copy or download: one guide for each broker that fits the mode,
 * best first. Never throws: a value that a file can't hold is left out and named in `notes`, or a `<placeholder>`
 * stands in its place.
 */
export function setupGuides(input: SetupInput): SetupGuide[] {
  const facts = factsOf(input);
  const notes = commandNotes(input.mode, facts);
  // Those without files lead to another way.
  return guidesOf[input.mode](facts).map((guide) =>
    input.mode === 'webhook' && guide.files.length === 0
      ? guide
      : { ...guide, notes: [...guide.notes, ...notes] },
  );
}
