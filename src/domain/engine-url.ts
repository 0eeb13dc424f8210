import { type BrokerEndpoint, brokerEndpoint, parseBrokerUrl } from './broker-url.ts';

/** More would be a list of something else. */
const MOST_NODES = 32;

/** An engine in other processes: the nodes of one cluster, and the platform's account on all of them. */
export interface EngineUrl {
  nodes: [BrokerEndpoint, ...BrokerEndpoint[]];
  username?: string;
  password?: string;
}

/**
 * Reads an engine's URL: `mqtt://` or `mqtts://`, a broker's, or with several hosts that are separated by commas, as in
 * `mqtt://user:password@a:1883,b:1883`. Pure.
 * @returns `problem`, in words for the operator and without the password, when it can't be one
 */
export function parseEngineUrl(text: string): EngineUrl | { problem: string } {
  const given = text.trim();
  const [, scheme = '', authority = '', rest = ''] = /^([^/]*:\/\/)([^/?]*)(.*)$/s.exec(given) ?? [];
  // A password may hold a comma, and hosts hold no @.
  const account = authority.slice(0, authority.lastIndexOf('@') + 1);
  const hosts = authority.slice(account.length).split(',');
  if (/,\s*mqtts?:\/\//.test(given))
    return { problem: 'Write several hosts as one URL: mqtt://user:password@a,b,c.' };
  if (hosts.length > MOST_NODES) return { problem: `These are more than ${MOST_NODES} hosts.` };
  const nodes: BrokerEndpoint[] = [];
  const names = new Set<string>();
  let of: { username?: string; password?: string } = {};
  for (const host of hosts) {
    const parsed = parseBrokerUrl(hosts.length === 1 ? given : `${scheme}${account}${host}${rest}`);
    if ('problem' in parsed) return parsed;
    const { url, ...accountOf } = parsed;
    const node = brokerEndpoint(url);
    if (node.webSocket) return { problem: 'An engine is reached by mqtt:// or mqtts://.' };
    const name = `${node.host}:${node.port}`;
    if (names.has(name)) return { problem: `${name} is there twice.` };
    names.add(name);
    nodes.push(node);
    of = accountOf;
  }
  return { nodes: nodes as EngineUrl['nodes'], ...of };
}
