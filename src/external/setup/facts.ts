import { devicesPrefix } from '../../domain/hosted-topic.ts';
import { filterIsWithin, isTopicFilter } from '../../domain/topic.ts';
import type { SetupInput } from './guide.ts';
import { fitsOneLine, label } from './quoting.ts';

/** More than an integration may have; a bound so that what is made stays a page. */
const MAX_FILTERS = 100;

/** An input of which every value can be written somewhere: what can't, or isn't known, is a `<placeholder>`. */
export interface Facts {
  /** For comments. */
  name: string;
  /** Names things on the customer's side; letters, digits and `_`. */
  slug: string;
  /** `org_{organization}/devices/`. */
  prefix: string;
  /** Valid, each on one line, none within another: a message that two of them match would be sent twice. */
  filters: string[];
  /** The others, as they came. */
  unusable: string[];
  /** What commands are published to, as it came; undefined: none are. */
  commandFilter: string | undefined;
  hasBroker: boolean;
  /** Without a query. */
  url: string;
  isHttps: boolean;
  token: string;
  /** The URL that carries its token, for a sender that can't set a header. */
  urlWithToken: string;
  host: string;
  port: number;
  isTls: boolean;
  username: string;
  password: string;
}

export function factsOf(input: SetupInput): Facts {
  const usable = input.filters.filter((filter) => usableFilter(filter) !== undefined);
  const filters = distinct(usable).slice(0, MAX_FILTERS);
  const url = webhook(input.webhookUrl);
  const token = matching(input.token, /^[!-~]{1,512}$/, '<token>');
  return {
    name: label(input.integrationName),
    slug: `netneural_${matching(input.integrationId.slice(0, 8), /^\w+$/, 'integration')}`,
    prefix: devicesPrefix(matching(input.organizationId, /^[\w-]{1,64}$/, '<organization>')),
    filters,
    unusable: input.filters.filter((filter) => !filters.some((kept) => isCovered(filter, kept))),
    commandFilter: input.commandFilter,
    hasBroker: input.hasBroker ?? false,
    url,
    isHttps: url.startsWith('https:'),
    token,
    urlWithToken: `${url}?token=${token === '<token>' ? token : encodeURIComponent(token)}`,
    host: matching(input.host, /^[\w.:-]{1,253}$/, '<host>'),
    port: input.mqttsPort ?? input.mqttPort ?? 1883,
    isTls: input.mqttsPort !== undefined,
    username: matching(input.username, /^.{1,256}$/u, '<username>'),
    password: matching(input.password, /^.{1,256}$/u, '<password>'),
  };
}

function usableFilter(filter: string | undefined): string | undefined {
  return filter !== undefined && isTopicFilter(filter) && fitsOneLine(filter) ? filter : undefined;
}

function matching(text: string | undefined, form: RegExp, placeholder: string): string {
  return text !== undefined && form.test(text) && fitsOneLine(text) ? text : placeholder;
}

/** The URL as browsers write it: no blank, no quote of a kind that matters, no line feed. */
function webhook(text: string | undefined): string {
  const url = text === undefined ? null : URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    return 'https://<host>/functions/v1/mqtt-listener/<integration>';
  return url.origin + url.pathname;
}

function isCovered(filter: string, kept: string): boolean {
  return usableFilter(filter) !== undefined && filterIsWithin(filter, kept);
}

function distinct(filters: string[]): string[] {
  const once = [...new Set(filters)];
  return once.filter((filter) => !once.some((other) => other !== filter && filterIsWithin(filter, other)));
}

/** For a format that can write any filter. */
export const nothing = /(?!)/;

/** Filters in a file that can't hold all of them, and what to tell about the others. */
export interface WrittenFilters {
  filters: string[];
  notes: string[];
}

/**
 * @param cannotHold what a filter in this file's format must not contain
 * @returns at least one filter: `<filter>` where there is none
 */
export function writtenFilters(facts: Facts, cannotHold: RegExp): WrittenFilters {
  const filters = facts.filters.filter((filter) => !cannotHold.test(filter));
  const leftOut = [...facts.unusable, ...facts.filters.filter((filter) => cannotHold.test(filter))];
  const notes: string[] = [];
  if (leftOut.length > 0) {
    const named = leftOut.slice(0, 5).map((filter) => JSON.stringify(filter.slice(0, 120)));
    const more = leftOut.length > 5 ? ` and ${leftOut.length - 5} more` : '';
    notes.push(`Left out, since these files can't hold them: ${named.join(', ')}${more}.`);
  }
  if (filters.length === 0) notes.push('Put a topic filter of yours in the place of <filter>.');
  return { filters: filters.length > 0 ? filters : ['<filter>'], notes };
}

/** The filter of commands in such a file: none or one. */
export function writtenCommands({ commandFilter }: Facts, cannotHold: RegExp): WrittenFilters {
  const usable = usableFilter(commandFilter);
  if (usable !== undefined && !cannotHold.test(usable)) return { filters: [usable], notes: [] };
  if (commandFilter === undefined) return { filters: [], notes: [] };
  const named = JSON.stringify(commandFilter.slice(0, 120));
  return { filters: [], notes: [`These files can't hold the topic of commands: ${named}.`] };
}

/** A topic that a filter matches, for an example: `devices/+/telemetry` → `devices/thermometer-1/telemetry`. */
export function exampleTopic(filter: string): string {
  return filter
    .split('/')
    .map((level) => (level === '+' ? 'thermometer-1' : level === '#' ? 'telemetry' : level))
    .join('/');
}
