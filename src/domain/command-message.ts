import { isTopicName } from './topic.ts';

/** A command as the device gets it. */
export interface CommandMessage {
  id: string;
  name: string;
  params: unknown;
  /** ISO 8601. */
  expires_at: string;
}

/** How an integration wants commands on the customer's broker. */
export interface CommandForm {
  /** `{device}` and `{name}` stand for the device and the command. */
  topic: string;
  /** JSON or text in which `{{id}}`, `{{name}}`, `{{device}}`, `{{expires_at}}`, `{{params}}`, `{{params.…}}` are replaced. */
  payload?: string | undefined;
}

const placeholder = /\{\{\s*([a-z_]+(?:\.[^{}\s.]+)*)\s*\}\}/g;
const wholly = /^\{\{\s*([a-z_]+(?:\.[^{}\s.]+)*)\s*\}\}$/;
/** Each may stand for 64 KiB. */
const MOST_PLACEHOLDERS = 50;
const roots = ['id', 'name', 'device', 'expires_at', 'params'];

/** In words what keeps it from being a topic for commands; undefined when nothing does. */
export function commandTopicProblem(topic: string): string | undefined {
  const unknown = topic.replaceAll('{device}', '').replaceAll('{name}', '');
  if (/[{}]/.test(unknown)) return 'only {device} and {name} are replaced in it';
  if (!isTopicName(topic.replaceAll(/[{}]/g, ''))) return 'is no MQTT topic to publish to';
  if (!topic.includes('{device}')) return 'needs {device}: else all devices would get every command';
  return undefined;
}

/** In words what keeps it from being a template; undefined when nothing does. */
export function commandPayloadProblem(template: string): string | undefined {
  const paths = [...template.matchAll(placeholder)].map(([, path = '']) => path);
  if (paths.length > MOST_PLACEHOLDERS) return `has more than ${MOST_PLACEHOLDERS} {{…}}`;
  for (const path of paths) {
    if (!roots.includes(path.split('.')[0]!)) return `there is no {{${path}}}; there are ${roots.join(', ')}`;
  }
  const rest = template.replaceAll(placeholder, '');
  return rest.includes('{{') ? 'has {{ without a name behind it' : undefined;
}

/** The filter of all topics that commands may have by it. */
export function commandFilter({ topic }: Pick<CommandForm, 'topic'>): string {
  return topic
    .split('/')
    .map((level) => (/[{}]/.test(level) ? '+' : level))
    .join('/');
}

/** @returns undefined when the command's name can't stand in a topic, and the topic holds it */
export function commandTopic({ topic }: CommandForm, device: string, name: string): string | undefined {
  if (topic.includes('{name}') && /[/+#]/.test(name)) return undefined;
  // At once: a device may be called {name}.
  const filled = topic.replaceAll(/\{(device|name)\}/g, (_, which) => (which === 'device' ? device : name));
  return isTopicName(filled) ? filled : undefined;
}

/** What is published. Without a template the command itself as JSON. */
export function commandPayload(
  { payload }: Pick<CommandForm, 'payload'>,
  command: CommandMessage,
  device: string,
): string {
  if (payload === undefined) {
    const { id, name, params, expires_at } = command;
    return JSON.stringify({ id, name, params, expires_at });
  }
  const values = { ...command, device };
  const template = parsed(payload);
  return template === undefined ? asText(payload, values) : JSON.stringify(filled(template, values));
}

/** JSON in which a text that is a placeholder and nothing else becomes the value itself. */
function filled(template: unknown, values: object): unknown {
  if (typeof template === 'string') {
    const [, path] = wholly.exec(template) ?? [];
    return path === undefined ? asText(template, values) : (valueAt(values, path) ?? null);
  }
  if (Array.isArray(template)) return template.map((item) => filled(item, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, item]) => [name, filled(item, values)]));
}

function asText(template: string, values: object): string {
  // One may be large, and stand there often.
  const texts = new Map<string, string>();
  return template.replaceAll(placeholder, (_, path: string) => {
    const text = texts.get(path) ?? textOf(valueAt(values, path));
    texts.set(path, text);
    return text;
  });
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function valueAt(values: object, path: string): unknown {
  let value: unknown = values;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function parsed(template: string): unknown {
  try {
    return JSON.parse(template);
  } catch {
    return undefined;
  }
}
