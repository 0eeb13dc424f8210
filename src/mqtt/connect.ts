import { FieldReader } from './field-reader.ts';
import { MalformedPacket } from './packet.ts';

/** A CONNECT of MQTT 3.1 or 3.1.1. */
export interface ConnectPacket {
  /** 3 is MQTT 3.1, 4 is 3.1.1. */
  protocolLevel: 3 | 4;
  /** The sign by which Mosquitto's bridges say what they are: the level's highest bit. */
  bridge: boolean;
  clean: boolean;
  /** Seconds; 0 means none. */
  keepAlive: number;
  clientId: string;
  will: ConnectWill | undefined;
  username: string | undefined;
  password: Buffer | undefined;
}

export interface ConnectWill {
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
}

/** A version that is neither 3.1 nor 3.1.1: it has an answer of its own [MQTT-3.1.2-2]. */
export class UnsupportedProtocol extends Error {
  override readonly name = 'UnsupportedProtocol';
  readonly level: number;

  constructor(level: number) {
    super(`protocol level ${level}`);
    this.level = level;
  }
}

/** Each version's name, which stands before its level [MQTT-3.1.2-1]. */
const protocolNames = { 3: 'MQIsdp', 4: 'MQTT' } as const;
const names: readonly string[] = Object.values(protocolNames);

/**
 * Reads a CONNECT (MQTT 3.1.1 section 3.1).
 * @param body first byte behind the fixed header
 * @throws MalformedPacket, UnsupportedProtocol
 */
export function readConnect(buffer: Buffer, body: number, end: number): ConnectPacket {
  const fields = new FieldReader(buffer, body, end);
  const name = fields.text();
  if (!names.includes(name)) throw new MalformedPacket('another protocol’s name [MQTT-3.1.2-1]');
  const version = fields.byte();
  const level = version & 127;
  if (level !== 3 && level !== 4) throw new UnsupportedProtocol(level);
  if (name !== protocolNames[level]) throw new MalformedPacket('a protocol’s name with another’s level');

  const flags = fields.byte();
  const has = (flag: number) => (flags & flag) !== 0;
  if (has(0x01)) throw new MalformedPacket('a reserved connect flag [MQTT-3.1.2-3]');
  if (!has(0x04) && has(0x38)) throw new MalformedPacket('flags of a will without a will [MQTT-3.1.2-11]');
  if (!has(0x80) && has(0x40)) throw new MalformedPacket('a password without a user name [MQTT-3.1.2-22]');

  const keepAlive = fields.number();
  const clientId = fields.text();
  const packet: ConnectPacket = {
    protocolLevel: level,
    bridge: version > 127,
    clean: has(0x02),
    keepAlive,
    clientId,
    will: has(0x04) ? readWill(fields, flags) : undefined,
    username: has(0x80) ? fields.text() : undefined,
    password: has(0x40) ? fields.bytes() : undefined,
  };
  if (!fields.atEnd) throw new MalformedPacket('bytes behind the last field of CONNECT');
  return packet;
}

function readWill(fields: FieldReader, flags: number): ConnectWill {
  const qos = (flags >> 3) & 3;
  if (qos === 3) throw new MalformedPacket('a will of QoS 3 [MQTT-3.1.2-14]');
  return {
    topic: fields.text(),
    payload: fields.bytes(),
    qos: qos as 0 | 1 | 2,
    retain: (flags & 0x20) !== 0,
  };
}
