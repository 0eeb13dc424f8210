import { ProtocolViolation, type PublishView } from '../mqtt/packet.ts';
import { readTopicAlias } from '../mqtt/properties.ts';
import { reasonCode } from '../mqtt/reasons.ts';
import type { TopicRoute, TopicRoutes } from './topic-routes.ts';

/**
 * Topics of one connection of MQTT 5, which may stand for themselves or be said by an alias (section 3.3.2.3.4). The
 * bytes go to the engine as they are, so it has aliases of its own: the same, but for those of topics that are not granted.
 * Such a PUBLISH never gets there, and what its alias stood for before is what the engine would go on with; here it stands
 * for a topic that is refused, with each PUBLISH that says it.
 */
export class TopicAliases {
  readonly #routes: TopicRoutes;
  readonly #maximum: number;
  readonly #topics = new Map<number, Buffer>();

  /** @param maximum what CONNACK allowed */
  constructor(routes: TopicRoutes, maximum: number) {
    this.#routes = routes;
    this.#maximum = maximum;
  }

  /** Marks the alias in `view`. @throws MalformedPacket, ProtocolViolation */
  routeOf(buffer: Buffer, view: PublishView): TopicRoute {
    const { topicStart, topicEnd, propertiesStart, payloadStart } = view;
    const alias =
      propertiesStart === undefined ? undefined : readTopicAlias(buffer, propertiesStart, payloadStart);
    if (alias === undefined) {
      if (topicStart === topicEnd) throw new ProtocolViolation('PUBLISH without topic and alias');
      return this.#routes.routeOf(buffer, view);
    }
    if (alias === 0 || alias > this.#maximum) {
      const problem = `topic alias ${alias}, of 1 to ${this.#maximum} [MQTT-3.3.2-8, 3.3.2-9]`;
      throw new ProtocolViolation(problem, reasonCode.topic_alias_invalid);
    }
    view.topicAlias = alias;
    if (topicStart === topicEnd) return this.#known(alias);
    const route = this.#routes.routeOf(buffer, view);
    this.#topics.set(alias, Buffer.from(buffer.subarray(topicStart, topicEnd)));
    return route;
  }

  /** Looked up each time: what a topic is to a bridge changes with its integration. */
  #known(alias: number): TopicRoute {
    const topic = this.#topics.get(alias);
    if (!topic) throw new ProtocolViolation(`topic alias ${alias} stands for nothing`);
    return this.#routes.routeOf(topic, { topicStart: 0, topicEnd: topic.length });
  }
}
