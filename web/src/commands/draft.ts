import { fitParams } from '../../../src/contract/command-fields.ts';
import { commandLimits } from '../../../src/domain/command.ts';
import type { components } from '../api/schema.d.ts';
import type { CommandField, DeclaredCommand } from '../api/types.ts';
import { asSentence } from '../integrations/draft.ts';
import { readJsonObject } from './json-object.ts';

/** A command while it is typed, and what is sent of it. */

export type FieldValue = string | number | boolean;

export interface CommandDraft {
  /** A declared command; `own` for a name and JSON; undefined until somebody has chosen. */
  chosen: { declared: string } | 'own' | undefined;
  name: string;
  /** Params of a command of one's own. */
  json: string;
  /** What is typed for declared commands, by command and field. */
  values: Record<string, Record<string, FieldValue>>;
  ttlSeconds: number;
  supersedeKey: string;
}

export const newDraft: CommandDraft = {
  chosen: undefined,
  name: '',
  json: '{}',
  values: {},
  ttlSeconds: commandLimits.defaultTtlSeconds,
  supersedeKey: '',
};

export const lifetimes = [
  { seconds: 60, label: '1 minute' },
  { seconds: 600, label: '10 minutes' },
  { seconds: 3600, label: '1 hour' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 7 * 86_400, label: '7 days' },
  { seconds: commandLimits.longestTtlSeconds, label: '30 days' },
];

/** The declared command that the form shows; undefined for a name and JSON. */
export function shownCommand(
  { chosen }: CommandDraft,
  declared: readonly DeclaredCommand[],
): DeclaredCommand | undefined {
  if (chosen === 'own') return undefined;
  return declared.find(({ name }) => name === chosen?.declared) ?? declared[0];
}

/** A field as it stands in the form: what was typed, or its default. */
export function fieldValue(
  draft: CommandDraft,
  command: string,
  field: CommandField,
): FieldValue | undefined {
  const typed = draft.values[command]?.[field.name];
  if (typed !== undefined) return typed;
  return field.default ?? (field.type === 'switch' ? false : undefined);
}

export function withField(
  draft: CommandDraft,
  command: string,
  field: string,
  value: FieldValue,
): CommandDraft {
  return { ...draft, values: { ...draft.values, [command]: { ...draft.values[command], [field]: value } } };
}

export type CommandBody = Required<Pick<components['schemas']['CreateCommand'], 'name' | 'params'>> &
  Pick<components['schemas']['CreateCommand'], 'ttl_seconds' | 'supersede_key'>;

/** What the API is asked, or what is wrong, by field as the API names them: `name`, `params`, `params.seconds`. */
export function commandBody(
  draft: CommandDraft,
  declared: readonly DeclaredCommand[],
): { body: CommandBody } | { problems: Record<string, string> } {
  const command = shownCommand(draft, declared);
  const read = command ? declaredParams(draft, command) : ownParams(draft);
  if ('problems' in read) return read;
  return {
    body: {
      name: command?.name ?? draft.name.trim(),
      params: read.params,
      ttl_seconds: draft.ttlSeconds,
      supersede_key: draft.supersedeKey.trim() || undefined,
    },
  };
}

type ReadParams = { params: Record<string, unknown> } | { problems: Record<string, string> };

function declaredParams(draft: CommandDraft, { name, fields = [] }: DeclaredCommand): ReadParams {
  const typed = fields.flatMap((field) => {
    const value = fieldValue(draft, name, field);
    return value === undefined || value === '' ? [] : [[field.name, value] as const];
  });
  const whole = fields.map((field) => ({ ...field, required: field.required ?? false }));
  const fit = fitParams({ name, fields: whole }, Object.fromEntries(typed));
  if ('params' in fit) return fit;
  const problems = fit.problems.map((problem) => [`params.${problem.name}`, asSentence(problem.message)]);
  return { problems: Object.fromEntries(problems) };
}

function ownParams({ name, json }: CommandDraft): ReadParams {
  const read = readJsonObject(json.trim() === '' ? '{}' : json);
  const problems: Record<string, string> = {};
  if (name.trim() === '') problems.name = 'Is missing';
  if ('reason' in read) problems.params = `Line ${read.line}: ${read.reason}`;
  return 'value' in read && !problems.name ? { params: read.value } : { problems };
}

/** The commands that a form can offer for devices: those of their type, if they are all of one. */
export function declaredFor(
  devices: readonly { device_type_id: string | null }[],
  types: readonly { id: string; commands: DeclaredCommand[] }[] | undefined,
): DeclaredCommand[] {
  const [first] = devices;
  const isOneType = devices.every(({ device_type_id: type }) => type === first?.device_type_id);
  return (isOneType && types?.find(({ id }) => id === first?.device_type_id)?.commands) || [];
}
