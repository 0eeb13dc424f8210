import type { Microseconds } from '../domain/time.ts';
import type { IntegrationRules } from './integration-rules.ts';

/**
 * A device as the hot path knows it: looked up once, held by every connection that speaks for it.
 * `id` is unknown until its first batch, and again when the device may have changed.
 */
export interface DeviceRef {
  readonly integration: IntegrationRules;
  readonly externalDeviceId: string;
  id: Buffer | undefined;
  usualIntervalMs: number | undefined;
  lastReportAt: Microseconds | undefined;
}

/** References beyond this are forgotten, oldest first; a connection keeps what it holds. About 60 MB. */
const MOST_DEVICES = 200_000;

/** Every device that this process has seen lately, one reference for each integration that speaks for it. */
export class DeviceRegistry {
  readonly #devices = new Map<string, readonly DeviceRef[]>();

  ref(integration: IntegrationRules, externalDeviceId: string): DeviceRef {
    const key = keyOf(integration.organizationId, externalDeviceId);
    const all = this.#devices.get(key) ?? [];
    const known = all.find((ref) => ref.integration === integration);
    if (known) return known;
    const device: DeviceRef = {
      integration,
      externalDeviceId,
      id: undefined,
      usualIntervalMs: undefined,
      lastReportAt: undefined,
    };
    // What an edit has made of an integration takes the place of what it was.
    this.#devices.set(key, [...all.filter((ref) => ref.integration.id !== integration.id), device]);
    if (this.#devices.size > MOST_DEVICES) this.#forgetOldest();
    return device;
  }

  /** The device was deleted, renamed or moved: its id is asked for again. */
  changed(organizationId: string, externalDeviceId: string): void {
    const refs = this.#devices.get(keyOf(organizationId, externalDeviceId)) ?? [];
    for (const device of refs) device.id = undefined;
  }

  /** Changes may have been missed. */
  allChanged(): void {
    for (const refs of this.#devices.values()) for (const device of refs) device.id = undefined;
  }

  #forgetOldest(): void {
    for (const key of this.#devices.keys()) {
      this.#devices.delete(key);
      return;
    }
  }
}

function keyOf(organizationId: string, externalDeviceId: string): string {
  return `${organizationId}/${externalDeviceId}`;
}
