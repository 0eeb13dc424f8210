import type { CommandField, DeclaredCommand, DeclaredMetric, DeviceType } from '../api/types.ts';

/** A device type while it is typed, and what is sent of it. */

export type FieldKind = CommandField['type'];

/** A field with all that any kind has: changing the kind loses nothing. */
export interface FieldDraft {
  /** Its place in the list, which its name is not: two may have none yet. */
  key: number;
  type: FieldKind;
  name: string;
  label: string;
  unit: string;
  min: number | string;
  max: number | string;
  whole: boolean;
  options: string[];
  required: boolean;
  default: number | string | boolean;
}

export interface DeclarationDraft {
  key: number;
  name: string;
  description: string;
  fields: FieldDraft[];
}

export interface MetricDraft {
  key: number;
  /** Its key in telemetry. */
  name: string;
  label: string;
  unit: string;
  min: number | string;
  max: number | string;
}

export interface TypeDraft {
  name: string;
  commands: DeclarationDraft[];
  metrics: MetricDraft[];
  /** Empty for as long as everything is kept. */
  retentionDays: number | string;
}

/** As many as the API takes. */
export const most = { commands: 100, fields: 50, options: 50, metrics: 200 } as const;

export const fieldKinds: { value: FieldKind; label: string }[] = [
  { value: 'number', label: 'Number' },
  { value: 'text', label: 'Text' },
  { value: 'switch', label: 'Switch' },
  { value: 'choice', label: 'Choice' },
];

let keys = 0;
function newKey(): number {
  keys += 1;
  return keys;
}

export function fieldDraft(field: CommandField = { type: 'number', name: '' }): FieldDraft {
  const ofNumber = field.type === 'number' ? field : undefined;
  return {
    key: newKey(),
    type: field.type,
    name: field.name,
    label: field.label ?? '',
    unit: ofNumber?.unit ?? '',
    min: ofNumber?.min ?? '',
    max: ofNumber?.max ?? '',
    whole: ofNumber?.whole ?? false,
    options: field.type === 'choice' ? field.options : [],
    required: field.required ?? false,
    default: field.default ?? '',
  };
}

export function declarationDraft(command: DeclaredCommand = { name: '' }): DeclarationDraft {
  const { name, description = '', fields = [] } = command;
  return { key: newKey(), name, description, fields: fields.map((field) => fieldDraft(field)) };
}

export function metricDraft({ name, label, unit, min, max }: DeclaredMetric): MetricDraft {
  return { key: newKey(), name, label: label ?? '', unit: unit ?? '', min: min ?? '', max: max ?? '' };
}

export function typeDraft(type?: DeviceType): TypeDraft {
  return {
    name: type?.name ?? '',
    commands: (type?.commands ?? [{ name: '' }]).map((command) => declarationDraft(command)),
    metrics: (type?.metrics ?? []).map((metric) => metricDraft(metric)),
    retentionDays: type?.retention_days ?? '',
  };
}

/** As the API takes a field: what its kind does not have, and what is empty, is left out. */
export function fieldBody(draft: FieldDraft): CommandField {
  const common = {
    name: draft.name.trim(),
    label: draft.label.trim() || undefined,
    required: draft.required,
  };
  switch (draft.type) {
    case 'number':
      return {
        ...common,
        type: 'number',
        unit: draft.unit.trim() || undefined,
        min: numberOf(draft.min),
        max: numberOf(draft.max),
        whole: draft.whole || undefined,
        default: numberOf(draft.default),
      };
    case 'text':
      return { ...common, type: 'text', default: textOf(draft.default) };
    case 'switch':
      return { ...common, type: 'switch', required: false, default: draft.default === true };
    case 'choice': {
      const chosen = textOf(draft.default);
      const isOption = chosen !== undefined && draft.options.includes(chosen);
      return { ...common, type: 'choice', options: draft.options, default: isOption ? chosen : undefined };
    }
  }
}

export function declarationBody({ name, description, fields }: DeclarationDraft): DeclaredCommand {
  return { name: name.trim(), description: description.trim(), fields: fields.map(fieldBody) };
}

export function metricBody(draft: MetricDraft): DeclaredMetric {
  return {
    name: draft.name.trim(),
    label: draft.label.trim() || undefined,
    unit: draft.unit.trim() || undefined,
    min: numberOf(draft.min),
    max: numberOf(draft.max),
  };
}

export function typeBody({ name, commands, metrics, retentionDays }: TypeDraft) {
  return {
    name: name.trim(),
    commands: commands.map(declarationBody),
    metrics: metrics.map(metricBody),
    retention_days: numberOf(retentionDays) ?? null,
  };
}

/** What the API would not notice, by where it stands: `commands.0.fields.1.max`. */
export function contradictions({ commands, metrics }: TypeDraft): Record<string, string> {
  const found: Record<string, string> = {};
  metrics.forEach((draft, at) => {
    const { min, max } = metricBody(draft);
    if (min !== undefined && max !== undefined && max <= min)
      found[`metrics.${at}.max`] = 'Is not more than “From”';
  });
  commands.forEach((command, at) => {
    command.fields.forEach((draft, index) => {
      const field = fieldBody(draft);
      const place = `commands.${at}.fields.${index}`;
      if (field.type !== 'number') return;
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, default: preset } = field;
      if (min > max) found[`${place}.max`] = 'Is less than the least';
      else if (preset !== undefined && (preset < min || preset > max))
        found[`${place}.default`] = 'Is outside of the bounds';
      else if (preset !== undefined && field.whole && !Number.isInteger(preset))
        found[`${place}.default`] = 'Is not a whole number';
    });
  });
  return found;
}

function numberOf(typed: FieldDraft['default']): number | undefined {
  const text = String(typed).trim();
  const number = Number(text);
  return text === '' || typeof typed === 'boolean' || !Number.isFinite(number) ? undefined : number;
}

function textOf(typed: FieldDraft['default']): string | undefined {
  return typeof typed === 'string' && typed !== '' ? typed : undefined;
}
