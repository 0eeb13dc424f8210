import type { LookupFunction } from 'node:net';
import type { ChannelKind, Notification } from '../../contract/notifications.ts';
import type { Clock } from '../../service/clock.ts';
import type { Seal } from '../../service/seal.ts';
import { signatureHeaders } from '../../service/webhook-signature.ts';
import { type MailSettings, sendMail } from './email.ts';
import { post } from './post.ts';
import { NotDelivered } from './problems.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';
import { countOf, noMail } from './wording.ts';

/** What is kept sealed of a channel. */
export interface ChannelSecrets {
  url?: string;
  signing_secret?: string;
}

/** A notification and where it goes. */
export interface Outgoing {
  /** The same with every attempt. */
  id: string;
  channelId: string;
  kind: ChannelKind;
  settings: { to?: string[] };
  sealedSecrets: string | null;
  content: Notification;
}

export interface Sent {
  /** What the receiver said. */
  answer: string;
  /** What is to be known although it has arrived. */
  remark: string | null;
}

export type Send = (outgoing: Outgoing, signal: AbortSignal) => Promise<Sent>;

export interface SenderOptions {
  seal: Seal;
  /** The guard's. */
  lookup: LookupFunction;
  clock: Clock;
  /** Undefined: there is no mail. */
  mail: MailSettings | undefined;
  /** Of the dashboard, without a slash at its end. */
  publicUrl: () => string;
}

/** The way to every kind of channel. @returns what sends, and throws NotDelivered or what `notDelivered` puts in words */
export function channelSender({ seal, lookup, clock, mail, publicUrl }: SenderOptions): Send {
  async function secretsOf({
    sealedSecrets,
    channelId,
  }: Outgoing): Promise<ChannelSecrets & { url: string }> {
    const opened = sealedSecrets === null ? {} : JSON.parse(await seal.open(sealedSecrets, channelId));
    if (!opened.url) throw new NotDelivered('no_url', 'There is no URL: enter it.', { isFinal: true });
    return opened;
  }
  return async (outgoing, signal) => {
    const { id, kind, settings, content } = outgoing;
    const url = urlOf(content, publicUrl());
    if (kind === 'email') {
      if (!mail) throw new NotDelivered('no_mail', noMail);
      return sendMail(mail, { id, to: settings.to ?? [], notification: content, url, signal });
    }
    const secrets = await secretsOf(outgoing);
    const now = clock.now();
    const body = JSON.stringify(bodyOf(kind, content, url));
    const headers =
      kind === 'webhook' ? await signatureHeaders({ id, now, body, secret: secretOf(secrets) }) : {};
    const answer = await post({ url: secrets.url, headers, body, lookup, signal, now });
    return { answer, remark: null };
  };
}

/** Of the alert, if it is one, or else of all. */
function urlOf(notification: Notification, dashboard: string): string {
  const all = `${dashboard}/o/${notification.organization.id}/alerts`;
  const [first] = notification.alerts;
  return first && countOf(notification) === 1 ? `${all}/${first.id}` : all;
}

function bodyOf(kind: ChannelKind, content: Notification, url: string) {
  if (kind === 'slack') return slackMessage(content, url);
  if (kind === 'teams') return teamsMessage(content, url);
  return {
    type: content.is_test ? 'alerts.test' : 'alerts',
    timestamp: content.at,
    data: { ...content, url },
  };
}

function secretOf({ signing_secret: secret }: ChannelSecrets): string {
  if (!secret)
    throw new NotDelivered('no_secret', 'Its signing secret is gone: make a new one.', { isFinal: true });
  return secret;
}
