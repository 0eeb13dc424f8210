import type { QoS } from './message.ts';

/** Maps are made when something goes in: most nodes have one of the two. */
interface Node<Subscriber> {
  children: Map<string, Node<Subscriber>> | undefined;
  subscribers: Map<Subscriber, QoS> | undefined;
}

type Visit<Subscriber> = (subscribers: Map<Subscriber, QoS>) => boolean;

/**
 * Who subscribes to what, by levels of the filters, so that a match costs in proportion to a topic's depth and
 * to the filters that match, not to all there are. Filters are valid ones; `+` and `#` are levels like others.
 */
export class SubscriptionTrie<Subscriber> {
  readonly #root: Node<Subscriber> = newNode();
  #version = 0;

  /** Changes whenever the answer of `match` may have. */
  get version(): number {
    return this.#version;
  }

  /** Adds a subscription or changes its QoS. */
  add(filter: string, subscriber: Subscriber, qos: QoS): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (!child) {
        child = newNode();
        node.children.set(level, child);
      }
      node = child;
    }
    node.subscribers ??= new Map();
    node.subscribers.set(subscriber, qos);
    this.#version += 1;
  }

  remove(filter: string, subscriber: Subscriber): void {
    const levels = filter.split('/');
    const path: Node<Subscriber>[] = [this.#root];
    for (const level of levels) {
      const child = path.at(-1)!.children?.get(level);
      if (!child) return;
      path.push(child);
    }
    if (!path.at(-1)!.subscribers?.delete(subscriber)) return;
    this.#version += 1;
    for (let depth = levels.length; depth > 0; depth -= 1) {
      const node = path[depth]!;
      if (node.children?.size || node.subscribers?.size) return;
      path[depth - 1]!.children?.delete(levels[depth - 1]!);
    }
  }

  /** Every subscriber that a message on `topic` is for, once, with the highest QoS of its filters that match. */
  match(topic: string): Map<Subscriber, QoS> {
    const found = new Map<Subscriber, QoS>();
    this.#visit(topic, (subscribers) => {
      for (const [subscriber, qos] of subscribers) {
        const known = found.get(subscriber);
        if (known === undefined || known < qos) found.set(subscriber, qos);
      }
      return false;
    });
    return found;
  }

  /** True when `match` would find somebody. */
  matches(topic: string): boolean {
    return this.#visit(topic, (subscribers) => subscribers.size > 0);
  }

  #visit(topic: string, visit: Visit<Subscriber>): boolean {
    const levels = topic.split('/');
    // A wildcard in the first level does not match `$…` [MQTT-4.7.2-1].
    if (!topic.startsWith('$')) return walk(this.#root, levels, 0, visit);
    const child = this.#root.children?.get(levels[0]!);
    return child !== undefined && walk(child, levels, 1, visit);
  }
}

function newNode<Subscriber>(): Node<Subscriber> {
  return { children: undefined, subscribers: undefined };
}

/** Visits the subscribers of every filter that matches; ends as soon as `visit` returns true. */
function walk<Subscriber>(
  node: Node<Subscriber>,
  levels: readonly string[],
  depth: number,
  visit: Visit<Subscriber>,
): boolean {
  const { children, subscribers } = node;
  // `a/#` matches `a` as well (MQTT 3.1.1 section 4.7.1.2).
  const rest = children?.get('#')?.subscribers;
  if (rest && visit(rest)) return true;
  if (depth === levels.length) return subscribers !== undefined && visit(subscribers);
  const any = children?.get('+');
  if (any && walk(any, levels, depth + 1, visit)) return true;
  const exact = children?.get(levels[depth]!);
  return exact !== undefined && walk(exact, levels, depth + 1, visit);
}
