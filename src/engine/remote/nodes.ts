import type { Duplex } from 'node:stream';
import { within } from '../../service/within.ts';
import type { EndedBy, EngineStatus } from '../engine.ts';
import { EngineNode, type NodeOptions } from './node.ts';

/** How long a stop waits for the engine to close what has said DISCONNECT. */
const GOODBYE_MS = 2000;

/**
 * The brokers of one engine. Connections go to those that are there, in turn: one that is back has its share of what comes
 * from then on, and one that lets in nobody has no more than that. One that is away is tried by the platform alone.
 */
export class Nodes {
  readonly #nodes: readonly EngineNode[];
  readonly #nodeOf = new WeakMap<Duplex, EngineNode>();
  /** Several gateways do not begin with the same. */
  #turn = Math.floor(Math.random() * 1024);

  constructor(nodes: readonly NodeOptions[]) {
    this.#nodes = nodes.map((options) => new EngineNode(options));
  }

  /** Whether or not any is there: those that start later, or come back, are found. */
  async start(): Promise<void> {
    await Promise.all(this.#nodes.map(({ platform }) => platform.start()));
  }

  /** Waits for what has said DISCONNECT: a broker that is stopped before it has read that publishes wills. */
  async stop(): Promise<void> {
    const closed = this.#nodes.flatMap(({ open }) =>
      [...open].map((stream) => new Promise<void>((resolve) => stream.once('close', () => resolve()))),
    );
    await within(GOODBYE_MS, Promise.all(closed)).catch(() => {});
    for (const node of this.#nodes) node.cut();
    await Promise.all(this.#nodes.map(({ platform }) => platform.stop()));
  }

  /** The oldest version of MQTT that any of those known speaks. */
  get protocolLevel(): 4 | 5 | undefined {
    const levels = this.#nodes.flatMap(({ platform }) => platform.protocolLevel ?? []);
    return levels.length === 0 ? undefined : levels.includes(4) ? 4 : 5;
  }

  /** What all of those known take; until one is known, everything. */
  get maximumQoS(): 1 | 2 {
    return this.#nodes.some(({ platform }) => platform.maximumQoS === 1) ? 1 : 2;
  }

  /** The next one in turn of those that are there; where none is, of all: it may just have come back. */
  next(): EngineNode {
    const there = this.#nodes.filter(({ isThere }) => isThere);
    const some = there.length > 0 ? there : this.#nodes;
    this.#turn += 1;
    return some[this.#turn % some.length]!;
  }

  /** One on which the platform speaks, the same as long as it is there. */
  get first(): EngineNode {
    return this.#nodes.find(({ isThere }) => isThere) ?? this.#nodes[0]!;
  }

  connect(): Duplex {
    const node = this.next();
    const stream = node.connect();
    this.#nodeOf.set(stream, node);
    return stream;
  }

  /** As Engine.whyEnded. */
  async whyEnded(connection: Duplex, isStopping: boolean): Promise<EndedBy> {
    const node = this.#nodeOf.get(connection);
    if (!isStopping && (await node?.platform.answers())) return 'client';
    return this.#nodes.some((other) => other !== node && other.isThere) ? 'node' : 'engine';
  }

  /** What clients there are, over all; of what each node knows of the whole cluster, the most that one knows. */
  status(): EngineStatus {
    const figures = this.#nodes
      .filter(({ isThere }) => isThere)
      .map(({ platform }) => platform.report.figures);
    const known = figures.length > 0 ? figures : [this.first.platform.report.figures];
    const away = this.#nodes.filter(({ isThere }) => !isThere);
    const sum = (name: 'clients' | 'queued' | 'dropped') =>
      known.reduce((total, figure) => total + figure[name], 0);
    return {
      healthy: figures.length > 0,
      version: known[0]!.version,
      clients: sum('clients'),
      retained: Math.max(...known.map(({ retained }) => retained)),
      queued: sum('queued'),
      dropped: sum('dropped'),
      ...(away.length > 0 && { detail: this.#detail(away) }),
      ...(this.#nodes.length > 1 && { nodes: { all: this.#nodes.length, there: figures.length } }),
    };
  }

  #detail(away: readonly EngineNode[]): string {
    const [one] = away;
    if (this.#nodes.length === 1) return `The engine at ${one!.name} is away (${one!.trouble}).`;
    const names = away.map(({ name, trouble }) => `${name} (${trouble})`).join(', ');
    return `Of the engine’s ${this.#nodes.length} nodes ${away.length} are away: ${names}.`;
  }
}
