import { isUtf8 } from 'node:buffer';
import { MalformedPacket } from './packet.ts';

/** Reads the fields of a packet's body one after another (MQTT 3.1.1 section 1.5). @throws MalformedPacket */
export class FieldReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #at: number;

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#at === this.#end;
  }

  byte(): number {
    this.#need(1);
    return this.#buffer[this.#at++]!;
  }

  number(): number {
    this.#need(2);
    const value = this.#buffer.readUInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  /** Bytes behind their length as a variable byte integer (MQTT 5 section 1.5.5), as properties are; a view. */
  variableBytes(): { bytes: Buffer; withLength: Buffer } {
    const start = this.#at;
    let length = 0;
    for (let index = 0; ; index += 1) {
      if (index === 4) throw new MalformedPacket('a length of more than four bytes');
      const byte = this.byte();
      length += (byte & 127) * 2 ** (7 * index);
      if (byte < 128) break;
    }
    this.#need(length);
    const from = this.#at;
    this.#at += length;
    return {
      bytes: this.#buffer.subarray(from, this.#at),
      withLength: this.#buffer.subarray(start, this.#at),
    };
  }

  /** All that is left; a view. */
  rest(): Buffer {
    const from = this.#at;
    this.#at = this.#end;
    return this.#buffer.subarray(from, this.#end);
  }

  /** Not 0 [MQTT-2.3.1-1]. */
  packetId(): number {
    const id = this.number();
    if (id === 0) throw new MalformedPacket('packet id 0 [MQTT-2.3.1-1]');
    return id;
  }

  /** Bytes behind their length; a view, not a copy. */
  bytes(): Buffer {
    const length = this.number();
    this.#need(length);
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  /** Well-formed UTF-8 without U+0000 [MQTT-1.5.3-1, 1.5.3-2]. */
  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) throw new MalformedPacket('a text that is not UTF-8 [MQTT-1.5.3-1]');
    if (bytes.includes(0)) throw new MalformedPacket('a text with U+0000 [MQTT-1.5.3-2]');
    return bytes.toString();
  }

  #need(count: number): void {
    if (this.#at + count > this.#end) throw new MalformedPacket('the packet ends within a field');
  }
}
