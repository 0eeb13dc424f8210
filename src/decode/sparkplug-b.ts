import type { Decoded, ReadingValue } from '../domain/reading.ts';
import { ReadingsByTime } from './by-time.ts';
import type { Decoder } from './decoder.ts';
import { orRefused, Refusal } from './flat.ts';
import { type ProtobufField, protobufFields } from './protobuf.ts';
import { base64url, refused } from './text.ts';

/**
 * Sparkplug B (Eclipse Sparkplug 3.0, 6.4): the metrics of a payload by their names. A metric's time is its own, or
 * else the payload's; metrics of one time are one reading. A metric that is null or NaN says that there is no value
 * and is left out; everything else is kept or refuses the message.
 *
 * Without state: a metric that brings only the alias which a birth certificate gave it can't be named. Data may also
 * leave the type to the birth certificate: then integers are read as signed.
 */
export const sparkplugB: Decoder = ({ payload }) =>
  payload.length === 0 ? refused('empty_payload', 'nothing was sent') : orRefused(() => readPayload(payload));

/** The first bytes that a payload can have: its fields in their encoding. No JSON, number or boolean begins so. */
const firstBytes = [0x08, 0x12, 0x18, 0x22, 0x2a];

/** Whether topic and payload say that it is Sparkplug B. Its host applications' STATE is JSON. */
export function isSparkplugB(topic: string, payload: Uint8Array): boolean {
  return topic.startsWith('spBv1.0/') && firstBytes.includes(payload[0] ?? 0);
}

/** Numbers of fields and types as in the specification's `sparkplug_b.proto`. */
const inPayload = { timestamp: 1, metric: 2, uuid: 4 } as const;
const inMetric = { name: 1, alias: 2, timestamp: 3, datatype: 4, isNull: 7 } as const;
const int8 = 1;
const int16 = 2;
const int32 = 3;
const int64 = 4;
/** From here on arrays, packed into bytes. */
const int8Array = 22;
/** A payload that holds another, compressed, in its body. */
const COMPRESSED = 'SPBV1.0_COMPRESSED';

function readPayload(payload: Uint8Array): Decoded {
  let sentAt: number | undefined;
  for (const field of protobufFields(payload)) {
    if (field.number === inPayload.timestamp) sentAt = field.unsigned();
    else if (field.number === inPayload.uuid && field.text() === COMPRESSED) {
      throw new Refusal('not_understood', 'the payload is compressed');
    }
  }
  const readings = new ReadingsByTime(true);
  for (const field of protobufFields(payload)) {
    if (field.number === inPayload.metric) addMetric(field.bytes(), sentAt, readings);
  }
  return readings.decoded();
}

function addMetric(bytes: Uint8Array, sentAt: number | undefined, readings: ReadingsByTime): void {
  let name: string | undefined;
  let alias: number | undefined;
  let time = sentAt;
  let datatype = 0;
  let isNull = false;
  let content: ProtobufField | undefined;
  for (const field of protobufFields(bytes)) {
    if (field.number === inMetric.name) name = field.text();
    else if (field.number === inMetric.alias) alias = field.unsigned();
    else if (field.number === inMetric.timestamp) time = field.unsigned();
    else if (field.number === inMetric.datatype) datatype = field.unsigned();
    else if (field.number === inMetric.isNull) isNull = field.boolean();
    else if (field.number >= 10) content = field;
  }
  if (name === undefined) throw nameless(alias);
  if (isNull) return;
  if (content === undefined) throw new Refusal('not_understood', `the metric ${name} has no value`);
  const value = valueIn(content, datatype, name);
  if (!Number.isNaN(value)) readings.add(time, name, value);
}

function nameless(alias: number | undefined): Refusal {
  const what = alias === undefined ? 'a metric has no name' : `a metric has the alias ${alias} and no name`;
  return new Refusal(
    'not_understood',
    `${what}: aliases are known only to who has seen the birth certificate, so have names sent with the data`,
  );
}

/** Value of a metric, by the field that it came in. */
function valueIn(field: ProtobufField, datatype: number, name: string): ReadingValue {
  switch (field.number) {
    case 10:
      return integer(field, datatype, int32);
    case 11:
      return integer(field, datatype, int64);
    case 12:
      return field.float32();
    case 13:
      return field.float64();
    case 14:
      return field.boolean();
    case 15:
      return field.text();
    case 16:
      return bytesOf(field, datatype, name);
    case 17:
      throw new Refusal('not_understood', `the metric ${name} is a DataSet, not one value`);
    case 18:
      throw new Refusal('not_understood', `the metric ${name} is a Template, not one value`);
    default:
      throw new Refusal('not_understood', `the metric ${name} has a value of no known type`);
  }
}

/** Signed ones come as two's complement, which encoders extend to 32 or 64 bits or don't. */
function integer(field: ProtobufField, datatype: number, unstated: number): number {
  const type = datatype || unstated;
  if (type === int8) return (field.signed32() << 24) >> 24;
  if (type === int16) return (field.signed32() << 16) >> 16;
  if (type === int32) return field.signed32();
  return type === int64 ? field.signed64() : field.unsigned();
}

function bytesOf(field: ProtobufField, datatype: number, name: string): string {
  if (datatype >= int8Array) {
    throw new Refusal('not_understood', `the metric ${name} is an array, not one value`);
  }
  const text = base64url(field.bytes());
  if (text === undefined) throw new Refusal('too_long', `${field.bytes().length} bytes in ${name}`);
  return text;
}
