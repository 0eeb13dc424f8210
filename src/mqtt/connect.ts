import { FieldReader } from './field-reader.ts';
import { MalformedPacket } from './packet.ts';
import { property } from './properties.ts';
import { PropertyList } from './property-list.ts';

export interface ConnectPacket {
  /** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5. */
  protocolLevel: ProtocolLevel;
  /** The sign by which Mosquitto's bridges say what they are: the level's highest bit. */
  bridge: boolean;
  /** Of MQTT 5: that it begins with a new session; how long that lasts is a property. */
  clean: boolean;
  /** Seconds; 0 means none. */
  keepAlive: number;
  /** Of MQTT 5; none in older versions. */
  properties: PropertyList;
  clientId: string;
  will: ConnectWill | undefined;
  username: string | undefined;
  password: Buffer | undefined;
}

export type ProtocolLevel = 3 | 4 | 5;

export interface ConnectWill {
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  properties: PropertyList;
}

/** A version that there is not, or not yet: it has an answer of its own [MQTT-3.1.2-2]. */
export class UnsupportedProtocol extends Error {
  override readonly name = 'UnsupportedProtocol';
  readonly level: number;

  constructor(level: number) {
    super(`protocol level ${level}`);
    this.level = level;
  }
}

/** Each version's name, which stands before its level [MQTT-3.1.2-1]. */
const protocolNames = { 3: 'MQIsdp', 4: 'MQTT', 5: 'MQTT' } as const;
const names: readonly string[] = Object.values(protocolNames);
/** MQTT 5 sections 3.1.2.11 and 3.1.3.2. */
const connectProperties = [0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27];
const willProperties = [0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26];

/**
 * Reads a CONNECT (MQTT 3.1.1 and MQTT 5, section 3.1).
 * @param body first byte behind the fixed header
 * @throws MalformedPacket, ProtocolViolation, UnsupportedProtocol
 */
export function readConnect(buffer: Buffer, body: number, end: number): ConnectPacket {
  const fields = new FieldReader(buffer, body, end);
  const { level, bridge } = readLevel(fields);
  const flags = fields.byte();
  const has = (flag: number) => (flags & flag) !== 0;
  if (has(0x01)) throw new MalformedPacket('a reserved connect flag [MQTT-3.1.2-3]');
  if (!has(0x04) && has(0x38)) throw new MalformedPacket('flags of a will without a will [MQTT-3.1.2-11]');
  if (level < 5 && !has(0x80) && has(0x40))
    throw new MalformedPacket('a password without a user name [MQTT-3.1.2-22]');

  const keepAlive = fields.number();
  const properties = level === 5 ? readProperties(fields, connectProperties) : PropertyList.none;
  const packet: ConnectPacket = {
    protocolLevel: level,
    bridge,
    clean: has(0x02),
    keepAlive,
    properties,
    clientId: fields.text(),
    will: has(0x04) ? readWill(fields, level, flags) : undefined,
    username: has(0x80) ? fields.text() : undefined,
    password: has(0x40) ? fields.bytes() : undefined,
  };
  if (!fields.atEnd) throw new MalformedPacket('bytes behind the last field of CONNECT');
  return packet;
}

/** In which version's words a CONNECT is to be answered that can't be read; undefined for one that says none. */
export function levelOf(buffer: Buffer, body: number, end: number): ProtocolLevel | undefined {
  try {
    return readLevel(new FieldReader(buffer, body, end)).level;
  } catch {
    return undefined;
  }
}

function readLevel(fields: FieldReader): { level: ProtocolLevel; bridge: boolean } {
  const name = fields.text();
  if (!names.includes(name)) throw new MalformedPacket('another protocol’s name [MQTT-3.1.2-1]');
  const version = fields.byte();
  const bridge = version > 127;
  const level = version & 127;
  // MQTT 5 has a bridge ask for what it needs in its subscriptions.
  if ((level !== 3 && level !== 4 && level !== 5) || (level === 5 && bridge))
    throw new UnsupportedProtocol(level);
  if (name !== protocolNames[level]) throw new MalformedPacket('a protocol’s name with another’s level');
  return { level, bridge };
}

function readProperties(fields: FieldReader, allowed: readonly number[]): PropertyList {
  return new PropertyList(fields.variableBytes().bytes, allowed);
}

function readWill(fields: FieldReader, level: ProtocolLevel, flags: number): ConnectWill {
  const qos = (flags >> 3) & 3;
  if (qos === 3) throw new MalformedPacket('a will of QoS 3 [MQTT-3.1.2-14]');
  return {
    properties: level === 5 ? readProperties(fields, willProperties) : PropertyList.none,
    topic: fields.text(),
    payload: fields.bytes(),
    qos: qos as 0 | 1 | 2,
    retain: (flags & 0x20) !== 0,
  };
}

export interface ConnackPacket {
  sessionPresent: boolean;
  /** A return code of 3.1.1, or a reason of MQTT 5; 0 lets in. */
  code: number;
  /** Of MQTT 5; none in older versions. */
  properties: PropertyList;
}

/** MQTT 5 section 3.2.2.3. */
const connackProperties = [
  0x11, 0x12, 0x13, 0x15, 0x16, 0x1a, 0x1c, 0x1f, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a,
];

/** Reads a CONNACK. One without properties is read too: it refuses, in the words of an older version. @throws MalformedPacket */
export function readConnack(buffer: Buffer, body: number, end: number): ConnackPacket {
  const fields = new FieldReader(buffer, body, end);
  return {
    sessionPresent: (fields.byte() & 1) === 1,
    code: fields.byte(),
    properties: fields.atEnd ? PropertyList.none : readProperties(fields, connackProperties),
  };
}

/** How long a session of MQTT 5 outlives its connection, in seconds; for good, if it never ends. */
export function sessionSeconds({ properties }: ConnectPacket): number {
  const seconds = properties.number(property.sessionExpiryInterval) ?? 0;
  return seconds === 0xffff_ffff ? Number.POSITIVE_INFINITY : seconds;
}
