import { hash } from 'node:crypto';
import { parseStatus, type StatusReport } from '../domain/presence.ts';
import type { Decoded, ReadingValue, Refusal } from '../domain/reading.ts';
import { judgeTime, type Microseconds } from '../domain/time.ts';
import { decodingOf, inputOf, needsWorker } from './decoding.ts';
import { combine, type Fingerprint, fingerprint } from './fingerprint.ts';
import type { InboundMessage } from './message.ts';

export interface PreparedReading {
  recordedAt: Microseconds;
  deviceTimestamp: Microseconds | undefined;
  timeMark: string | undefined;
  values: Record<string, ReadingValue>;
  keyHigh: number;
  keyLow: number;
}

/** A message with all that its bytes say, ready to be put into batches, more than once if need be. */
export interface PreparedMessage {
  readonly message: InboundMessage;
  readonly readings: readonly PreparedReading[];
  readonly status: StatusReport | undefined;
  refusal: Refusal | undefined;
  quarantineId: Buffer | undefined;
  /** Set when only a DUP flag can tell a resend: QoS 1 or 2 and no believed time, or in quarantine. */
  print: Fingerprint | undefined;
  /** Of the sender's id, where there is one: 16 bytes. */
  idKey: Buffer | undefined;
  /** It says again what was said before: not to be stored. */
  readonly isCopy: boolean;
}

export interface PrepareOptions {
  /** Start of the longest retention. */
  oldest: Microseconds;
  nextKey: () => Fingerprint;
}

const noReadings: readonly PreparedReading[] = [];

/** Whether the message is decoded at all: a status and what is refused are not. */
export function isDecoded({ channel, refusal }: InboundMessage): boolean {
  return channel === 'telemetry' && refusal === undefined;
}

/** What became of an answer to a command: `repeated` when it says what was known. */
export type AnswerOutcome = 'taken' | 'repeated' | Refusal;

/** An answer to a command, which holds no readings, once it has been taken. */
export function prepareAnswer(message: InboundMessage, outcome: AnswerOutcome): PreparedMessage {
  if (typeof outcome === 'object') return refused(message, outcome);
  return {
    message,
    readings: noReadings,
    status: undefined,
    refusal: undefined,
    quarantineId: undefined,
    print: undefined,
    idKey: idKeyOf(message),
    isCopy: outcome === 'repeated' && message.quarantineId === undefined,
  };
}

/**
 * Decodes a message and judges its times. Never throws; what it can't make sense of it refuses.
 * @param decoded what an expression has made of it already
 */
export function prepare(
  message: InboundMessage,
  options: PrepareOptions,
  decoded: Decoded = decodedNow(message),
): PreparedMessage {
  if (message.refusal) return refused(message, message.refusal);
  if (message.channel === 'status') return prepareStatus(message);
  if (!decoded.ok) return refused(message, { reason: decoded.reason, detail: decoded.detail });

  let print: Fingerprint | undefined;
  let timed = true;
  const readings: PreparedReading[] = [];
  for (let index = 0; index < decoded.readings.length; index += 1) {
    const reading = decoded.readings[index]!;
    const stated = reading.time ?? message.sentAt?.time;
    const time = judgeTime({ stated, receivedAt: message.receivedAt, oldest: options.oldest });
    if (time.tooOld)
      return refused(message, { reason: 'too_old', detail: String(stated ?? 'when it was received') });
    let key: Fingerprint;
    if (time.timeSource === 'device') {
      print ??= fingerprintOf(message);
      key = index === 0 ? print : combine(print, print, index);
    } else {
      timed = false;
      key = options.nextKey();
    }
    readings.push({
      recordedAt: time.recordedAt,
      deviceTimestamp:
        reading.time === undefined && message.sentAt?.by === 'broker' ? undefined : time.deviceTimestamp,
      timeMark: time.mark,
      values: reading.values,
      keyHigh: key.high,
      keyLow: key.low,
    });
  }
  // A time that is believed now may have been too far ahead when the message first came.
  const needsKey = message.packetId > 0 && (!timed || message.dup);
  return {
    message,
    readings,
    status: undefined,
    refusal: undefined,
    quarantineId: undefined,
    print: needsKey ? (print ?? fingerprintOf(message)) : undefined,
    idKey: idKeyOf(message),
    isCopy: !timed && message.isRetainedCopy === true,
  };
}

const notDecoded: Decoded = { ok: true, readings: [] };

function decodedNow(message: InboundMessage): Decoded {
  if (!isDecoded(message)) return notDecoded;
  const decoding = decodingOf(message);
  return typeof decoding === 'function' ? decoding(inputOf(message)) : needsWorker;
}

/** A status is the device's state, not a reading: saying it twice changes nothing. */
function prepareStatus(message: InboundMessage): PreparedMessage {
  const status = parseStatus(message.payload);
  if (!status) {
    return refused(message, { reason: 'invalid_status', detail: 'neither online nor offline' });
  }
  return {
    message,
    readings: noReadings,
    status,
    refusal: undefined,
    quarantineId: undefined,
    print: undefined,
    idKey: idKeyOf(message),
    isCopy: false,
  };
}

/** One that goes to quarantine as it is. */
export function refused(message: InboundMessage, refusal: Refusal): PreparedMessage {
  const print = message.packetId > 0 ? fingerprintOf(message) : undefined;
  return {
    message,
    readings: noReadings,
    status: undefined,
    refusal,
    quarantineId: undefined,
    print,
    idKey: idKeyOf(message),
    isCopy: message.isRetainedCopy === true,
  };
}

/** Ids are the integration's own: two brokers may count alike. Half a SHA-256, so that nobody meets another's. */
function idKeyOf({ senderId, source }: InboundMessage): Buffer | undefined {
  if (senderId === undefined) return undefined;
  return hash('sha256', `${source.integration.id}/${senderId}`, 'buffer').subarray(0, 16);
}

/** What a resend of the message is known by, beside its client and packet id. */
export function fingerprintOf(message: InboundMessage): Fingerprint {
  return combine(fingerprint(Buffer.from(message.topic)), fingerprint(message.payload));
}
