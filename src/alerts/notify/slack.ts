import type { Notification } from '../../contract/notifications.ts';
import { countOf, factsOf, lineOf, oneLine, restLine, ruleLines, testText, titleOf } from './wording.ts';

/** https://docs.slack.dev/reference/block-kit/blocks: of a header, and of a section's text. */
const HEADER_CHARACTERS = 150;
const SECTION_CHARACTERS = 3000;
const LINE_CHARACTERS = 600;

/**
 * https://docs.slack.dev/messaging/formatting-message-text#escaping: no mention and no link is made of a name.
 * @param longest of what comes out; a character is not cut in its middle
 */
export function escapeSlack(text: string, longest = SECTION_CHARACTERS): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  let escaped = '';
  for (const character of text) {
    const next = entities[character] ?? character;
    if (escaped.length + next.length > longest) break;
    escaped += next;
  }
  return escaped;
}

/** @returns the body for an incoming webhook */
export function slackMessage(notification: Notification, url: string): object {
  const title = titleOf(notification);
  const organization = oneLine(notification.organization.name, 100);
  return {
    text: escapeSlack(`${title} · ${organization}`),
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: escapeSlack(title, HEADER_CHARACTERS), emoji: false },
      },
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
  return { type: 'mrkdwn', text, verbatim: true };
}

function paragraphs(notification: Notification): string[] {
  const { alerts, is_test } = notification;
  if (is_test) return [escapeSlack(testText)];
  const [first] = alerts;
  if (first && countOf(notification) === 1) {
    const facts = factsOf(first).map(([name, value]) => `*${name}:* ${escapedLine(value)}`);
    return [escapeSlack(oneLine(first.summary, 500)), facts.join('\n')];
  }
  const lines = [...alerts.map((alert) => `• ${lineOf(alert)}`), restLine(notification) ?? ''];
  return [
    ...chunks(ruleLines(notification).map(escapedLine), SECTION_CHARACTERS),
    // Whole lines: half of an escaped character would be none.
    ...chunks(lines.filter(Boolean).map(escapedLine), SECTION_CHARACTERS),
  ];
}

const escapedLine = (line: string) => escapeSlack(line, LINE_CHARACTERS);

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
