import { devicesPrefix, parseDeviceTopic, topicPrefix } from './hosted-topic.ts';
import { filterIsWithin, isSubscription, sharedFilter } from './topic.ts';

/** What a credential may reach: all devices of its organization, or one device. */
export interface Grant {
  organizationId: string;
  externalDeviceId: string | undefined;
}

/** Commands are the platform's and the organization's to give; a device's own credential may not. */
function isCommandTopic(below: string): boolean {
  return below === 'commands' || below.startsWith('commands/');
}

/** @param topic a valid topic name */
export function mayPublish(grant: Grant, topic: string): boolean {
  const prefix = devicesPrefix(grant.organizationId);
  if (!topic.startsWith(prefix)) return false;
  const rest = topic.slice(prefix.length);
  const device = parseDeviceTopic(rest);
  if (!device) return false;
  if (grant.externalDeviceId === undefined) return true;
  if (device.externalDeviceId !== grant.externalDeviceId) return false;
  return !isCommandTopic(rest.slice(device.externalDeviceId.length + 1));
}

/** A filter is allowed only if all that it can match is granted; a shared subscription counts as its filter. */
export function maySubscribe(grant: Grant, filter: string): boolean {
  if (!isSubscription(filter)) return false;
  return filterIsWithin(
    sharedFilter(filter)!.filter,
    topicPrefix(grant.organizationId, grant.externalDeviceId),
  );
}

/**
 * The client id that the engine sees: `{organization}:{client id}`. Those of a device's own credential are that
 * device's own, or it could take over a session of another device or of the organization, and get its messages. So
 * `{organization}:{device}/…` is for devices, and an organization's client id with a slash gets one in front.
 */
export function engineClientId({ organizationId, externalDeviceId }: Grant, clientId: string): string {
  if (externalDeviceId !== undefined) return `${organizationId}:${externalDeviceId}/${clientId}`;
  return clientId.includes('/') ? `${organizationId}:/${clientId}` : `${organizationId}:${clientId}`;
}
