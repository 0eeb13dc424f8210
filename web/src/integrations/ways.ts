import type { IntegrationMode } from '../../../src/contract/integrations.ts';
import type { Integration } from '../api/types.ts';

/** How a customer's own broker hands over its messages. */
export type Way = IntegrationMode;

interface Words {
  /** What happens, as a title. */
  title: string;
  /** In a list. */
  short: string;
  /** Who should choose it. */
  fits: string;
  /** What it takes. */
  takes: string;
}

/** In the order in which they are offered. */
export const ways: Record<Way, Words> = {
  webhook: {
    title: 'Your broker posts to us',
    short: 'Webhook',
    fits: 'EMQX, VerneMQ, AWS IoT, or anything that can send HTTP',
    takes: 'A rule in your broker. Nothing has to be opened for us.',
  },
  subscribe: {
    title: 'We subscribe to your broker',
    short: 'We subscribe',
    fits: 'Any broker that we can reach over the network',
    takes: 'Its address and an account for us. Nothing to install.',
  },
  bridge: {
    title: 'Your broker bridges to ours',
    short: 'Bridge',
    fits: 'Mosquitto behind a firewall, and other brokers that can bridge',
    takes: 'A few lines in its configuration. It connects outwards.',
  },
  forward: {
    title: 'A forwarder beside your broker',
    short: 'Forwarder',
    fits: 'Any broker behind a firewall',
    takes: 'One small program on a machine that reaches your broker.',
  },
};

export const wayOrder = Object.keys(ways) as Way[];

export function isWay(text: unknown): text is Way {
  return typeof text === 'string' && Object.hasOwn(ways, text);
}

/** In a list: `Hosted broker`, `Webhook`. */
export function wayOf({ mode }: Pick<Integration, 'mode'>): string {
  return mode ? ways[mode].short : 'Hosted broker';
}

/** Whether messages are posted to it, with a token. */
export function isPostedTo(mode: Way | null): boolean {
  return mode === 'webhook' || mode === 'forward';
}
