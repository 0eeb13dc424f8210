import type { EngineStatus } from '../engine.ts';

/**
 * What a broker tells of itself below `$SYS`, in the words of Mosquitto (mosquitto(8)), which others have taken over. One
 * that says nothing there is reported with zeros.
 */
export class BrokerReport {
  #version = 'of unknown version';
  #clients = 0;
  #retained = 0;
  #stored = 0;
  #dropped = 0;
  /** Topics of $SYS itself, which are retained too. */
  readonly #own = new Set<string>();

  /** What is to be subscribed to. */
  static readonly filters = ['$SYS/broker/#'];

  /** A message on one of its topics. */
  read(topic: string, payload: Buffer): void {
    this.#own.add(topic);
    const said = payload.toString();
    const number = Number(said) || 0;
    switch (topic.slice('$SYS/broker/'.length)) {
      case 'version':
        this.#version = said.slice(0, 100);
        break;
      case 'clients/connected':
        this.#clients = number;
        break;
      case 'retained messages/count':
        this.#retained = number;
        break;
      case 'store/messages/count':
        this.#stored = number;
        break;
      case 'publish/messages/dropped':
        this.#dropped = number;
        break;
    }
  }

  /** Up to its `sys_interval` old. A message that waits for several clients is queued once. */
  get figures(): Pick<EngineStatus, 'version' | 'clients' | 'retained' | 'queued' | 'dropped'> {
    return {
      version: this.#version,
      // The platform is one of them.
      clients: Math.max(0, this.#clients - 1),
      retained: Math.max(0, this.#retained - this.#own.size),
      queued: Math.max(0, this.#stored - this.#retained),
      dropped: this.#dropped,
    };
  }
}
