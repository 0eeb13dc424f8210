import { createTransport, type SentMessageInfo } from 'nodemailer';
import type { Notification } from '../../contract/notifications.ts';
import { bounded } from '../../service/bounded.ts';
import { NotDelivered } from './problems.ts';
import { countOf, factsOf, lineOf, oneLine, restLine, ruleLines, testText, titleOf } from './wording.ts';

/** Where mail is handed over: the operator’s own server. */
export interface MailSettings {
  /** `smtp://` or `smtps://`, with user name and password. */
  url: string;
  /** An address, or a name with one in angle brackets. */
  from: string;
}

/** As the API takes them; plain SQL may have written others. */
const ADDRESS = /^[^\s<>"(),;:@]+@[^\s<>"(),;:@]+$/;
const MOST_RECIPIENTS = 20;
const STEP_MS = 10_000;
const TOTAL_MS = 20_000;

/**
 * Hands a notification over to the mail server, as text and as HTML. Its id makes the Message-ID, the same with every attempt.
 * @returns what the server said
 * @throws NotDelivered; final when the server refuses this very mail (5xx), not when it does not let us in
 */
export async function sendMail(
  { url: server, from }: MailSettings,
  mail: { id: string; to: readonly string[]; notification: Notification; url: string; signal: AbortSignal },
): Promise<{ answer: string; remark: string | null }> {
  const { id, to, notification, url, signal } = mail;
  const recipients = to.filter((address) => ADDRESS.test(address)).slice(0, MOST_RECIPIENTS);
  if (recipients.length === 0)
    throw new NotDelivered('no_recipients', 'There are no recipients: enter some.', { isFinal: true });
  const transport = createTransport({
    url: server,
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  const message = {
    from,
    to: recipients.map((address) => ({ name: '', address })),
    subject: titleOf(notification),
    messageId: `<${id}@${domain}>`,
    // RFC 3834: nobody's absence is told to us.
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...mailBody(notification, url),
  };
  try {
    const sent: SentMessageInfo = await bounded(TOTAL_MS, signal, () => transport.sendMail(message));
    const refused = (sent.rejected ?? []).map(String);
    const remark = refused.length > 0 ? `Refused for ${refused.join(', ')}` : null;
    return { answer: oneLine(sent.response ?? '', 300), remark };
  } catch (error) {
    throw refusal(error);
  } finally {
    transport.close();
  }
}

function refusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, responseCode, response } = error as {
    code?: string;
    responseCode?: number;
    response?: string;
  };
  if (code === 'EAUTH')
    return new NotDelivered(
      'mail_sign_in',
      'The mail server does not let us in: SMTP_URL has another user name or password.',
    );
  if (code === 'ETLS') return new NotDelivered('mail_tls', 'TLS with the mail server failed.');
  if (responseCode === undefined) return error;
  const answer = oneLine(response ?? String(responseCode), 300);
  return new NotDelivered(`smtp_${responseCode}`, `The mail server answered ${answer}`, {
    answer,
    isFinal: responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE'),
  });
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** The same in text and in HTML that any client shows. */
function mailBody(notification: Notification, url: string): { text: string; html: string } {
  const organization = oneLine(notification.organization.name, 100);
  const parts = partsOf(notification);
  const text = [
    titleOf(notification),
    ...parts.map((lines) => lines.join('\n')),
    `${organization}: ${url}`,
  ].join('\n\n');
  const paragraphs = parts.map((lines) => `<p>${lines.map(escapeHtml).join('<br>')}</p>`);
  const html = [
    '<!doctype html><html><body style="font-family:system-ui,sans-serif;font-size:14px;line-height:1.5">',
    `<p style="font-size:16px;font-weight:600">${escapeHtml(titleOf(notification))}</p>`,
    ...paragraphs,
    `<p><a href="${escapeHtml(url)}">Open the dashboard</a> · ${escapeHtml(organization)}</p>`,
    '</body></html>',
  ].join('\n');
  return { text: `${text}\n`, html };
}

function partsOf(notification: Notification): string[][] {
  const { alerts, is_test } = notification;
  if (is_test) return [[testText]];
  const [first] = alerts;
  if (first && countOf(notification) === 1) {
    return [[oneLine(first.summary, 500)], factsOf(first).map(([name, value]) => `${name}: ${value}`)];
  }
  const rest = restLine(notification);
  return [ruleLines(notification), [...alerts.map(lineOf), ...(rest ? [rest] : [])]];
}
