import type { AnnouncedChange } from '../gateway/gateway.ts';

/** What the parts of a process tell one another of, or hear from other processes. */
interface Told {
  /** A row has changed that is remembered somewhere. */
  changed(change: AnnouncedChange): void;
  /** Something new of an organization can be read. */
  stored(organizationId: string): void;
  /** There is something in a queue of commands. */
  called(queue: string): void;
  /** A client of some gateway's has come to listen for commands. */
  arrived(device: { organizationId: string; externalDeviceId: string | undefined }): void;
  /** Devices are unknown by an outage of ours: gateways are to say whose connections stand. */
  recounted(): void;
  /** Other processes took this one for gone. */
  forgotten(): void;
  /** Notifications may have been missed. */
  missed(): void;
  /** Messages can be stored, or can't. */
  database(isThere: boolean): void;
  /** A gateway finds the engine there, or away. */
  engine(isThere: boolean): void;
}

export type Hearer = Partial<Told>;

/** Parts speak through here, whether or not somebody hears: which of them a process has is its roles' business. */
export class Signals {
  readonly #hearers: Hearer[] = [];

  /** In this order each thing is told. */
  hear(hearer: Hearer): void {
    this.#hearers.push(hearer);
  }

  tell<Name extends keyof Told>(name: Name, ...what: Parameters<Told[Name]>): void {
    for (const hearer of this.#hearers) {
      (hearer[name] as ((...what: Parameters<Told[Name]>) => void) | undefined)?.(...what);
    }
  }

  isHeard(name: keyof Told): boolean {
    return this.#hearers.some((hearer) => hearer[name] !== undefined);
  }
}
