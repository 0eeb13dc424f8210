import { organizationUser } from '../../domain/hosted-topic.ts';
import { isTopicFilter, isTopicName } from '../../domain/topic.ts';

/**
 * The second wall. The gateway has checked everything that reaches the engine; should it ever err, an
 * organization's client still reaches nothing but `org_{organization}/devices/…`.
 */

/** The platform's own user name. No device has it: the gateway gives each one the name of its organization. */
export const PLATFORM_USER = '$platform';

/** True when a client may be what it says: `{organization}:…` with the user name `org_{organization}`. */
export function mayConnect(userName: string, clientId: string): boolean {
  if (!storable(clientId)) return false;
  if (userName === PLATFORM_USER) return true;
  const colon = clientId.indexOf(':');
  return colon === 36 && userName === organizationUser(clientId.slice(0, colon));
}

export function mayPublish(userName: string, topic: string): boolean {
  return isTopicName(topic) && isWithin(userName, topic);
}

export function maySubscribe(userName: string, filter: string): boolean {
  return isTopicFilter(filter) && isWithin(userName, filter);
}

function isWithin(userName: string, topic: string): boolean {
  if (!storable(topic)) return false;
  return userName === PLATFORM_USER || topic.startsWith(`${userName}/devices/`);
}

/** PostgreSQL's text takes neither; one such value would fail the batch of everybody. */
function storable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
