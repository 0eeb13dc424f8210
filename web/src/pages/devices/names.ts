import type { Device } from '../../api/types.ts';
import { formatCount } from '../../format/value.ts';

/** More would be read by nobody. */
const named = 4;

/** `boiler-1, boiler-2 and 9 more`. */
export function namesOf(devices: readonly Pick<Device, 'name'>[]): string {
  const names = devices.map(({ name }) => name);
  if (names.length > named)
    return `${names.slice(0, named - 1).join(', ')} and ${formatCount(names.length - named + 1)} more`;
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
