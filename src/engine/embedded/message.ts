export type QoS = 0 | 1 | 2;

/** One publish on its way through the engine. */
export class Message {
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  #payload: Buffer;
  #held = false;

  constructor(fields: { topic: string; payload: Uint8Array; qos: QoS; retain: boolean }) {
    this.topic = fields.topic;
    this.qos = fields.qos;
    this.retain = fields.retain;
    this.#payload = Buffer.from(fields.payload.buffer, fields.payload.byteOffset, fields.payload.byteLength);
  }

  get payload(): Buffer {
    return this.#payload;
  }

  /**
   * The payload for keeping. As it arrives it is a piece of a whole read of up to 64 kB, which twenty
   * retained bytes would keep from being freed; the copy is made once, however many sessions keep it.
   */
  hold(): Buffer {
    if (!this.#held) {
      const own = Buffer.allocUnsafeSlow(this.#payload.length);
      this.#payload.copy(own);
      this.#payload = own;
      this.#held = true;
    }
    return this.#payload;
  }
}
