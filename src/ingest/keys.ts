import { randomInt } from 'node:crypto';
import type { MessageKeysRow, PastUses } from '../database/store-batch.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { PreparedMessage } from './prepare.ts';

/** In the place of a payload's fingerprint: the packet id was used for a message that is known again by other means. */
const NO_PRINT: Fingerprint = { high: 0, low: 0 };
/** Bytes of one use in private.message_keys: packet id, then the payload's fingerprint. */
const USE_BYTES = 10;

/**
 * Keys for readings that no resend can be known by: unique in the process by counting, between processes by
 * a random half.
 */
export function keyCounter(): () => Fingerprint {
  const high = randomInt(2 ** 32);
  let low = randomInt(2 ** 32);
  return () => {
    low = (low + 1) >>> 0;
    return { high, low };
  };
}

/** The client's key as PostgreSQL's int8 prints it. */
export function clientKeyText(key: Fingerprint): string {
  return BigInt.asIntN(64, (BigInt(key.high) << 32n) | BigInt(key.low)).toString();
}

/**
 * Finds the resends among messages with DUP: those whose client last used the packet id for the same payload.
 * A new payload under a used packet id is a new message, DUP or not.
 * @param messages in the order of arrival; what an earlier one of them used counts for a later one
 */
export function findResends(
  messages: readonly PreparedMessage[],
  past: readonly PastUses[],
): Set<PreparedMessage> {
  const lastUse = new Map<string, string>();
  for (const { clientKey, uses } of past) {
    for (let at = 0; at + USE_BYTES <= uses.length; at += USE_BYTES) {
      lastUse.set(
        `${clientKey}:${uses.readUInt16BE(at)}`,
        `${uses.readUInt32BE(at + 2)}:${uses.readUInt32BE(at + 6)}`,
      );
    }
  }
  const resends = new Set<PreparedMessage>();
  for (const prepared of messages) {
    const { message, print = NO_PRINT } = prepared;
    if (message.qos === 0) continue;
    const use = `${clientKeyText(message.source.clientKey)}:${message.packetId}`;
    const value = `${print.high}:${print.low}`;
    if (message.dup && prepared.print && lastUse.get(use) === value) resends.add(prepared);
    else lastUse.set(use, value);
  }
  return resends;
}

interface ClientUses {
  uses: number[];
  receivedAt: number;
  needed: boolean;
}

/** Collects the uses of packet ids in a batch, one run of bytes a client. */
export class UsesOfBatch {
  readonly #clients = new Map<Fingerprint, ClientUses>();

  add({ message, print }: PreparedMessage): void {
    if (message.packetId === 0) return;
    const key = message.source.clientKey;
    let client = this.#clients.get(key);
    if (!client) {
      client = { uses: [], receivedAt: 0, needed: false };
      this.#clients.set(key, client);
    }
    const { high, low } = print ?? NO_PRINT;
    client.uses.push(message.packetId, high, low);
    client.receivedAt = message.receivedAt;
    client.needed ||= print !== undefined;
  }

  rows(): MessageKeysRow[] {
    return [...this.#clients].map(([key, { uses, receivedAt, needed }]) => {
      const bytes = Buffer.allocUnsafe((uses.length / 3) * USE_BYTES);
      for (let index = 0, at = 0; index < uses.length; index += 3, at += USE_BYTES) {
        bytes.writeUInt16BE(uses[index]!, at);
        bytes.writeUInt32BE(uses[index + 1]!, at + 2);
        bytes.writeUInt32BE(uses[index + 2]!, at + 6);
      }
      return { clientKeyHigh: key.high, clientKeyLow: key.low, receivedAt, uses: bytes, needed };
    });
  }
}
