import { IconBrandSlack, IconBrandTeams, IconMail, IconWebhook } from '../components/icons.ts';
import type { ChannelKind } from './draft.ts';

/** What a channel can be, in the order of the form. */
export const channelKinds: Record<
  ChannelKind,
  {
    label: string;
    icon: typeof IconWebhook;
    urlLabel: string;
    urlHint: string;
    placeholder: string;
    name: string;
  }
> = {
  email: { label: 'E-mail', icon: IconMail, urlLabel: '', urlHint: '', placeholder: '', name: 'On call' },
  slack: {
    label: 'Slack',
    icon: IconBrandSlack,
    urlLabel: 'Webhook URL',
    urlHint: 'In Slack: your app, Incoming Webhooks, Add New Webhook',
    placeholder: 'https://hooks.slack.com/services/…',
    name: '#alerts',
  },
  teams: {
    label: 'Teams',
    icon: IconBrandTeams,
    urlLabel: 'Workflow URL',
    urlHint: 'In the Teams channel: Workflows, Send webhook alerts to a channel',
    placeholder: 'https://….api.powerplatform.com/…',
    name: 'Operations',
  },
  webhook: {
    label: 'Webhook',
    icon: IconWebhook,
    urlLabel: 'URL',
    urlHint: 'Alerts are posted there as JSON, signed',
    placeholder: 'https://example.com/alerts',
    name: 'Incident management',
  },
};
export const kindOrder: readonly ChannelKind[] = ['email', 'slack', 'teams', 'webhook'];
