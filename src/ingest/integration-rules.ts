import type { Decoding } from './decoding.ts';

/** What ingest must know of an integration; shared by all its messages and replaced in place when it is edited. */
export interface IntegrationRules {
  readonly id: string;
  readonly idBytes: Buffer;
  readonly organizationId: string;
  readonly organizationBytes: Buffer;
  decoding: Decoding;
  autoRegister: boolean;
  deviceLimit: number;
}
