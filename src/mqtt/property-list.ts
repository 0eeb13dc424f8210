import { MalformedPacket, ProtocolViolation } from './packet.ts';
import { endOfProperty, property } from './properties.ts';

/** All properties of one packet of MQTT 5 (section 2.2.2), each where it lies; for the packets that come seldom. */
export class PropertyList {
  /** Of a packet without any. */
  static readonly none = new PropertyList(Buffer.alloc(0), []);
  readonly #bytes: Buffer;
  readonly #allowed: readonly number[];
  /** Where the value of each begins and ends; of user properties the last one's. */
  readonly #values = new Map<number, { start: number; end: number }>();

  /**
   * @param bytes without their length
   * @param allowed identifiers of what may stand there
   * @throws MalformedPacket, ProtocolViolation for one that may not or that stands there twice
   */
  constructor(bytes: Buffer, allowed: readonly number[]) {
    this.#bytes = bytes;
    this.#allowed = allowed;
    this.#walk((id, start, end) => {
      if (!allowed.includes(id)) throw new MalformedPacket(`property ${id} where it can’t stand`);
      if (this.#values.has(id) && id !== property.userProperty)
        throw new ProtocolViolation(`property ${id} stands there twice`);
      this.#values.set(id, { start: start + 1, end });
    });
  }

  has(id: number): boolean {
    return this.#values.has(id);
  }

  /** Of one that is a number of fixed length. */
  number(id: number): number | undefined {
    const value = this.#values.get(id);
    return value && this.#bytes.readUIntBE(value.start, value.end - value.start);
  }

  /** As they came, in their order, but for some. */
  without(...ids: number[]): Buffer {
    return this.only(...this.#allowed.filter((id) => !ids.includes(id)));
  }

  /** As they came, in their order, of those that are named. */
  only(...ids: number[]): Buffer {
    const parts: Buffer[] = [];
    this.#walk((id, start, end) => {
      if (ids.includes(id)) parts.push(this.#bytes.subarray(start, end));
    });
    return Buffer.concat(parts);
  }

  #walk(each: (id: number, start: number, end: number) => void): void {
    for (let at = 0; at < this.#bytes.length; ) {
      const next = endOfProperty(this.#bytes, at, this.#bytes.length);
      each(this.#bytes[at]!, at, next);
      at = next;
    }
  }
}
