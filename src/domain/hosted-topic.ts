/**
 * The hosted broker's topics: `org_{organization id}/devices/{device}/{channel}[/…]`.
 * What a credential may do with them is in `grant.ts`.
 */

/** What a device topic carries. `other` passes between the organization's own clients and is not stored. */
export type Channel = 'telemetry' | 'status' | 'commands' | 'responses' | 'other';

export interface DeviceTopic {
  externalDeviceId: string;
  channel: Channel;
}

/** Longest `external_device_id`, in characters: long enough for an EUI, a UUID or a URN. */
export const MAX_EXTERNAL_DEVICE_ID = 128;

/** The MQTT user name that the engine sees for every client of an organization. */
export function organizationUser(organizationId: string): string {
  return `org_${organizationId}`;
}

/** The prefix, with its closing slash, under which all devices of an organization live. */
export function devicesPrefix(organizationId: string): string {
  return `org_${organizationId}/devices/`;
}

/** `topic_prefix` of an organization's credential, or of a device's own. It is a topic filter. */
export function topicPrefix(organizationId: string, externalDeviceId?: string): string {
  const prefix = devicesPrefix(organizationId);
  return externalDeviceId === undefined ? `${prefix}#` : `${prefix}${externalDeviceId}/#`;
}

/** True when the name can stand as one level of a topic: no `/`, `+`, `#`, control characters; 1 to 128 long. */
export function isExternalDeviceId(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return name.length > 0 && name.length <= MAX_EXTERNAL_DEVICE_ID && !/[/+#\u0000-\u001f\u007f]/.test(name);
}

/**
 * Reads the part of a topic behind `devicesPrefix`. `status`, `commands` and `responses` are exact;
 * `telemetry` includes whatever stands below it.
 * @returns undefined when no device is named, or by a name that none can have
 */
export function parseDeviceTopic(rest: string): DeviceTopic | undefined {
  const slash = rest.indexOf('/');
  const externalDeviceId = slash < 0 ? rest : rest.slice(0, slash);
  if (!isExternalDeviceId(externalDeviceId)) return undefined;
  const below = slash < 0 ? '' : rest.slice(slash + 1);
  return { externalDeviceId, channel: channelOf(below) };
}

function channelOf(below: string): Channel {
  if (below === 'telemetry' || below.startsWith('telemetry/')) return 'telemetry';
  if (below === 'status' || below === 'commands' || below === 'responses') return below;
  return 'other';
}

/** Where a device of the hosted broker gets its commands. */
export function commandsTopic(organizationId: string, externalDeviceId: string): string {
  return `${devicesPrefix(organizationId)}${externalDeviceId}/commands`;
}

/** Where a device of the hosted broker answers them. */
export function responsesTopic(organizationId: string, externalDeviceId: string): string {
  return `${devicesPrefix(organizationId)}${externalDeviceId}/responses`;
}

/**
 * Whose commands the part of a filter behind `devicesPrefix` lets through: one device's, or all devices'.
 * @returns undefined when it lets none through
 */
export function commandsListenedTo(rest: string): { externalDeviceId: string | undefined } | undefined {
  const [device, channel, ...below] = rest.split('/');
  if (device === '#') return { externalDeviceId: undefined };
  const isBelow = below.length === 0 || (channel !== '#' && below.join('/') === '#');
  if (!isBelow || !(channel === 'commands' || channel === '+' || channel === '#')) return undefined;
  return { externalDeviceId: device === '+' ? undefined : device };
}
