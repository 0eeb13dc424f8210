import type { Context } from 'hono';
import type { ChannelSecrets } from '../alerts/notify/send.ts';
import { noMail } from '../alerts/notify/wording.ts';
import type { ChannelKind, NotificationChannel } from '../contract/notifications.ts';
import { type ChannelSettings, getChannel, sealedSecretsOf } from '../database/notification-channels.ts';
import { asPlatform } from '../database/scope.ts';
import { PlatformError } from '../service/errors.ts';
import { SealBroken } from '../service/seal.ts';
import type { Env, Platform } from './platform.ts';
import { found, inOrganization } from './tenant.ts';

/** Where a channel leads, as it was given. */
export interface Given {
  url?: string | undefined;
  to?: string[] | undefined;
}

/**
 * What of it may be seen. A URL may be all that it takes to post: of Slack's and Teams' the host is shown, of others
 * what stands before the query.
 */
export function settingsOf(kind: ChannelKind, { url, to }: Given): ChannelSettings {
  if (kind === 'email') return { to: to! };
  const { origin, pathname, search } = new URL(url!);
  return { url: kind === 'webhook' ? `${origin}${pathname}${search && '?…'}` : `${origin}/…` };
}

/** @throws PlatformError `conflict` or `invalid_request` where no such channel can be told from here */
export function refuseUntold({ notifications }: Platform, kind: ChannelKind, { url, to }: Given): void {
  if (kind === 'email') {
    if (url !== undefined) throw misfit('url', 'A channel for e-mail has no URL.');
    if (!notifications.mail) throw new PlatformError('conflict', noMail, { field: 'body.kind' });
    return;
  }
  if (to !== undefined) throw misfit('to', 'Only a channel for e-mail has recipients.');
  if (url?.startsWith('http:') && !notifications.allowsHttp)
    throw misfit('url', 'The URL has to begin with https://.');
}

const misfit = (field: string, detail: string) =>
  new PlatformError('invalid_request', detail, { field: `body.${field}` });

/**
 * A channel with its secrets, for the platform's own use: no caller's scope reads them. Only for who may change it.
 * @throws PlatformError `not_found`, `forbidden`
 */
export async function keptChannel(
  c: Context<Env>,
  channelId: string,
): Promise<{ channel: NotificationChannel; organizationId: string; sealed: string | null }> {
  const { pool } = c.get('platform');
  const { channel, organizationId } = await inOrganization(c, 'admin', async ({ tx, organizationId }) => ({
    channel: found(await getChannel(tx, { organizationId, channelId }), 'channel'),
    organizationId,
  }));
  const sealed = await asPlatform(pool, (tx) => sealedSecretsOf(tx, { organizationId, channelId }));
  return { channel, organizationId, sealed };
}

/** @returns none where they can't be opened: under another SECRET_KEY they can still be given anew */
export async function openedSecrets(
  { seal }: Platform,
  { sealed, channelId }: { sealed: string | null; channelId: string },
): Promise<ChannelSecrets> {
  if (sealed === null) return {};
  const opened = await seal.open(sealed, channelId).catch((error) => {
    if (error instanceof SealBroken) return '{}';
    throw error;
  });
  return JSON.parse(opened);
}

/** @returns undefined where there is nothing to seal */
export async function sealedSecrets(
  { seal }: Platform,
  secrets: ChannelSecrets,
  channelId: string,
): Promise<string | undefined> {
  return Object.keys(secrets).length > 0 ? seal.close(JSON.stringify(secrets), channelId) : undefined;
}
