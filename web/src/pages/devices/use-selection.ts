import { useState } from 'react';
import type { Device } from '../../api/types.ts';

/** As many devices as one request of the API names. */
export const mostSelected = 1000;

export interface Selection {
  /** By id, in the order in which they were selected. */
  devices: ReadonlyMap<string, Device>;
  /** Adds them, as far as there is room, or takes them out. */
  set: (devices: readonly Device[], selected: boolean) => void;
  clear: () => void;
}

/** Devices that are selected, also while the list shows others. */
export function useSelection(): Selection {
  const [devices, setDevices] = useState<ReadonlyMap<string, Device>>(new Map());
  return {
    devices,
    set: (changed, selected) => setDevices((before) => withSelected(before, changed, selected)),
    clear: () => setDevices(new Map()),
  };
}

export function withSelected(
  before: ReadonlyMap<string, Device>,
  changed: readonly Device[],
  selected: boolean,
): ReadonlyMap<string, Device> {
  const after = new Map(before);
  for (const device of changed) {
    if (!selected) after.delete(device.id);
    else if (after.has(device.id) || after.size < mostSelected) after.set(device.id, device);
  }
  return after;
}
