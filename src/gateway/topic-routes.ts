import { isUtf8 } from 'node:buffer';
import type { StoredChannel } from '../domain/expected-topic.ts';
import { type Grant, mayPublish } from '../domain/grant.ts';
import { devicesPrefix, parseDeviceTopic } from '../domain/hosted-topic.ts';
import type { Refusal } from '../domain/reading.ts';
import { isTopicName } from '../domain/topic.ts';
import type { Decoding } from '../ingest/decoding.ts';
import type { DeviceRef, DeviceRegistry } from '../ingest/device-registry.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import { matchTopic, type TopicPatterns } from '../ingest/topic-patterns.ts';
import { MalformedPacket, type PublishView } from '../mqtt/packet.ts';

/** What is done with a message on a topic. */
export interface TopicRoute {
  readonly topic: string;
  readonly granted: boolean;
  readonly device: DeviceRef | undefined;
  /** Set when it is stored. */
  readonly channel: StoredChannel | undefined;
  /** Whether only the device itself, or who speaks for it, publishes there. Commands come from others. */
  readonly isSpokenFor: boolean;
  /** A bridge's topic may have a decoder of its own, or be none that is expected. */
  readonly decoding: Decoding | undefined;
  readonly refusal: Refusal | undefined;
}

/** Where a PUBLISH has its topic. */
export type TopicPlace = Pick<PublishView, 'topicStart' | 'topicEnd'>;

const nothing: Omit<TopicRoute, 'topic'> = {
  granted: false,
  device: undefined,
  channel: undefined,
  isSpokenFor: false,
  decoding: undefined,
  refusal: undefined,
};

/** Topics remembered by one connection: a gateway device may speak for a thousand. */
const MOST_TOPICS = 2000;
/** Longer ones are looked at each time: two thousand of 64 kB would be memory for one connection alone. */
const REMEMBERED_BYTES = 512;

/** The topics of one connection, each decoded, checked and understood once. */
export class TopicRoutes {
  readonly #routes = new Map<string, TopicRoute>();
  readonly #grant: Grant;
  readonly #integration: IntegrationRules;
  readonly #devices: DeviceRegistry;
  readonly #prefix: string;
  /** Those that the routes were found by; an edit makes others. */
  #patterns: TopicPatterns | undefined;

  constructor(grant: Grant, integration: IntegrationRules, devices: DeviceRegistry) {
    this.#grant = grant;
    this.#integration = integration;
    this.#devices = devices;
    this.#prefix = devicesPrefix(grant.organizationId);
    this.#patterns = integration.patterns;
  }

  /** @throws MalformedPacket for a topic that is no UTF-8 or holds wildcards [MQTT-1.5.3-1, 3.3.2-2] */
  routeOf(buffer: Buffer, { topicStart, topicEnd }: TopicPlace): TopicRoute {
    if (this.#patterns !== this.#integration.patterns) {
      this.#patterns = this.#integration.patterns;
      this.#routes.clear();
    }
    // As Latin-1 every byte string has its own key, and reading it needs no decoding.
    const key = buffer.toString('latin1', topicStart, topicEnd);
    return this.#routes.get(key) ?? this.#add(key, buffer.subarray(topicStart, topicEnd));
  }

  #add(key: string, bytes: Buffer): TopicRoute {
    if (!isUtf8(bytes)) throw new MalformedPacket('the topic is not UTF-8');
    const topic = bytes.toString();
    if (!isTopicName(topic)) throw new MalformedPacket('the topic is not one that can be published to');
    const route = this.#resolve(topic);
    if (bytes.length > REMEMBERED_BYTES) return route;
    if (this.#routes.size >= MOST_TOPICS) this.#routes.clear();
    this.#routes.set(key, route);
    return route;
  }

  #resolve(topic: string): TopicRoute {
    if (!mayPublish(this.#grant, topic)) return { ...nothing, topic };
    const rest = topic.slice(this.#prefix.length);
    if (this.#patterns) return this.#ofBridge(topic, rest, this.#patterns);
    const address = parseDeviceTopic(rest);
    if (!address) return { ...nothing, topic };
    const { channel } = address;
    const stored = channel === 'telemetry' || channel === 'status' || channel === 'responses';
    return {
      ...nothing,
      topic,
      granted: true,
      device: this.#devices.ref(this.#integration, address.externalDeviceId),
      channel: stored ? channel : undefined,
      isSpokenFor: stored,
    };
  }

  /** A bridge comes and goes for all devices of its broker: its connection says nothing of any of them. */
  #ofBridge(topic: string, rest: string, patterns: TopicPatterns): TopicRoute {
    const match = matchTopic(patterns, rest);
    if (!match) {
      const refusal: Refusal = { reason: 'topic_not_expected', detail: '' };
      return { ...nothing, topic, granted: true, channel: 'telemetry', refusal };
    }
    const { externalDeviceId, channel, decoding } = match;
    const device = this.#devices.ref(this.#integration, externalDeviceId);
    return { ...nothing, topic, granted: true, device, channel, decoding };
  }
}
