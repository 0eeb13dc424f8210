import type { Notification } from '../../contract/notifications.ts';
import { countOf, factsOf, lineOf, oneLine, restLine, ruleLines, testText, titleOf } from './wording.ts';

/** https://docs.slack.dev/reference/block-kit/blocks: of a header, and of a section's text. */
const HEADER_CHARACTERS = 150;
const SECTION_CHARACTERS = 3000;

/** https://docs.slack.dev/messaging/formatting-message-text#escaping: no mention and no link is made of a name. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** @returns the body for an incoming webhook */
export function slackMessage(notification: Notification, url: string): object {
  const title = titleOf(notification);
  const organization = oneLine(notification.organization.name, 100);
  return {
    text: escapeSlack(`${title} · ${organization}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: oneLine(title, HEADER_CHARACTERS), emoji: false } },
      ...paragraphs(notification).map((text) => ({ type: 'section', text: mrkdwn(text) })),
      {
        type: 'context',
        elements: [mrkdwn(`${escapeSlack(organization)} · <${escapeSlack(url)}|Open the dashboard>`)],
      },
    ],
  };
}

/** Without Slack’s own guesses at links and names. */
function mrkdwn(text: string) {
  return { type: 'mrkdwn', text: text.slice(0, SECTION_CHARACTERS), verbatim: true };
}

function paragraphs(notification: Notification): string[] {
  const { alerts, is_test } = notification;
  if (is_test) return [escapeSlack(testText)];
  const [first] = alerts;
  if (first && countOf(notification) === 1) {
    const facts = factsOf(first).map(([name, value]) => `*${name}:* ${escapeSlack(value)}`);
    return [escapeSlack(oneLine(first.summary, 500)), facts.join('\n')];
  }
  const lines = [...alerts.map((alert) => `• ${lineOf(alert)}`), restLine(notification) ?? ''];
  return [
    ruleLines(notification).map(escapeSlack).join('\n'),
    // Whole lines: half of an escaped character would be none.
    ...chunks(lines.filter(Boolean).map(escapeSlack), SECTION_CHARACTERS),
  ];
}

function chunks(lines: string[], longest: number): string[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length < longest)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts;
}
