/** Which devices a rule or a maintenance window is for. */
import type { AlertScope } from './alert.ts';

export interface ScopedDevice {
  id: string;
  name: string;
  /** As they are stored: in lower case. */
  tags: readonly string[];
  deviceTypeId: string | undefined;
}

/** @returns whether a device is in the scope */
export function scopeOf(scope: AlertScope): (device: ScopedDevice) => boolean {
  if (scope.kind === 'organization') return () => true;
  if (scope.kind === 'devices') {
    const ids = new Set(scope.device_ids);
    return ({ id }) => ids.has(id);
  }
  const { device_type_id } = scope;
  const tags = scope.tags?.map((tag) => tag.toLowerCase()) ?? [];
  const name = scope.name === undefined ? undefined : namePattern(scope.name);
  return (device) =>
    tags.every((tag) => device.tags.includes(tag)) &&
    (name === undefined || name(device.name.toLowerCase())) &&
    (device_type_id === undefined || device.deviceTypeId === device_type_id);
}

/** In linear time, which a regular expression with many `*` would not be. */
function namePattern(pattern: string): (name: string) => boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => name === first;
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
      return false;
    let at = first.length;
    const end = name.length - last.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
