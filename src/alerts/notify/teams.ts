import type { Notification } from '../../contract/notifications.ts';
import { countOf, factsOf, lineOf, oneLine, restLine, ruleLines, testText, titleOf } from './wording.ts';

/**
 * An Adaptive Card for a workflow that posts to a channel. Names stand in runs of rich text, of which no client makes
 * links or mentions: a text block would take them for Markdown.
 * @returns the body to post
 */
export function teamsMessage(notification: Notification, url: string): object {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      paragraph([{ text: titleOf(notification), weight: 'Bolder', size: 'Medium' }]),
      ...paragraphs(notification),
      paragraph([{ text: oneLine(notification.organization.name, 100), isSubtle: true, size: 'Small' }]),
    ],
    actions: [{ type: 'Action.OpenUrl', title: 'Open the dashboard', url }],
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
  return { type: 'message', attachments: [attachment] };
}

type Run = { text: string; weight?: string; size?: string; isSubtle?: boolean };

function paragraph(runs: Run[]) {
  return { type: 'RichTextBlock', inlines: runs.map((run) => ({ type: 'TextRun', ...run })) };
}

function paragraphs(notification: Notification): object[] {
  const { alerts, is_test } = notification;
  if (is_test) return [paragraph([{ text: testText }])];
  const [first] = alerts;
  if (first && countOf(notification) === 1) {
    return [
      paragraph([{ text: oneLine(first.summary, 500) }]),
      ...factsOf(first).map(([name, value]) =>
        paragraph([{ text: `${name}: `, weight: 'Bolder' }, { text: value }]),
      ),
    ];
  }
  const rest = restLine(notification);
  return [
    ...ruleLines(notification).map((text) => paragraph([{ text, weight: 'Bolder' }])),
    ...alerts.map((alert) => paragraph([{ text: lineOf(alert) }])),
    ...(rest ? [paragraph([{ text: rest, isSubtle: true }])] : []),
  ];
}
