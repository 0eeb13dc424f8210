import { packetType, readPacketId, readReason } from '../mqtt/packet.ts';
import { PacketScanner } from '../mqtt/scanner.ts';
import type { CommandWatch } from './command-watch.ts';
import type { AcknowledgementQueue } from './held.ts';
import type { SubscribesUnderWay } from './subscribe.ts';

/** MQTT 3.1.1 section 2.2.3: whatever an engine may send. */
const LARGEST_PACKET = 268_435_455;
const nothing = Buffer.alloc(0);

export interface DownstreamOptions {
  acknowledgements: AcknowledgementQueue;
  subscribes: SubscribesUnderWay;
  commands: CommandWatch;
  toClient: (bytes: Buffer) => void;
  toEngine: (bytes: Buffer) => void;
  /** The engine has ended the connection, with this reason: DISCONNECT of MQTT 5. */
  disconnected: (reason: number) => void;
}

/** Packets from the engine to the client: as the bytes they are, in runs, but for those that the gateway answers for. */
export class Downstream {
  readonly #options: DownstreamOptions;
  readonly #scanner = new PacketScanner(LARGEST_PACKET);
  #isClosed = false;
  /** The run of packets that goes to the client as it is. */
  #run: Buffer | undefined;
  #start = 0;
  #end = 0;

  constructor(options: DownstreamOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    this.#scanner.push(chunk, this.#onPacket);
    this.#flush();
  }

  /** What still comes is dropped. */
  close(): void {
    this.#isClosed = true;
  }

  readonly #onPacket = (buffer: Buffer, start: number, body: number, end: number): boolean => {
    if (this.#isClosed) return false;
    const replacement = this.#replacement(buffer, start, body, end);
    if (replacement) {
      this.#flush();
      if (replacement.length > 0) this.#options.toClient(replacement);
      return true;
    }
    if (this.#run !== buffer || this.#end !== start) {
      this.#flush();
      this.#run = buffer;
      this.#start = start;
    }
    this.#end = end;
    return true;
  };

  #flush(): void {
    if (this.#run) this.#options.toClient(this.#run.subarray(this.#start, this.#end));
    this.#run = undefined;
  }

  /** @returns undefined to pass the packet on, other bytes to send in its place, or none */
  #replacement(buffer: Buffer, start: number, body: number, end: number): Buffer | undefined {
    const { acknowledgements, subscribes, commands } = this.#options;
    switch (buffer[start]! >> 4) {
      case packetType.publish:
        if (commands.passes(buffer, start, body, end)) return undefined;
        this.#answerFor(buffer, start, body);
        return nothing;
      case packetType.puback:
      case packetType.pubrec:
        // One that nothing waits for belongs to an exchange from before a reconnect.
        return acknowledgements.engineAcknowledged(
          readPacketId(buffer, body, end),
          readReason(buffer, body, end),
        )
          ? nothing
          : undefined;
      case packetType.pubcomp:
        acknowledgements.completed();
        return undefined;
      case packetType.suback: {
        const { answer, subscribed } = subscribes.complete(buffer, body, end);
        if (subscribed.length > 0) commands.subscribed(subscribed);
        return answer;
      }
      case packetType.pingresp:
        // The client's pings are answered here, so this answers one of the gateway's own.
        return nothing;
      case packetType.disconnect:
        this.#flush();
        this.#options.disconnected(buffer[body] ?? 0);
        return nothing;
      default:
        return undefined;
    }
  }

  /** PUBACK for a PUBLISH of QoS 1 that the client does not get. */
  #answerFor(buffer: Buffer, start: number, body: number): void {
    const qos = (buffer[start]! >> 1) & 3;
    if (qos === 0) return;
    const at = body + 2 + ((buffer[body]! << 8) | buffer[body + 1]!);
    this.#options.toEngine(Buffer.from([packetType.puback << 4, 2, buffer[at]!, buffer[at + 1]!]));
  }
}
