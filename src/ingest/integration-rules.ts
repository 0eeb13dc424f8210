import type { Decoding } from './decoding.ts';
import type { TopicPatterns } from './topic-patterns.ts';

/** What ingest must know of an integration; shared by all its messages and replaced in place when it is edited. */
export interface IntegrationRules {
  readonly id: string;
  readonly idBytes: Buffer;
  readonly organizationId: string;
  readonly organizationBytes: Buffer;
  decoding: Decoding;
  autoRegister: boolean;
  deviceLimit: number;
  /** Of a bridge: the topics of the customer's broker, which lie below the hosted prefix. */
  patterns: TopicPatterns | undefined;
}
