import { bytesOf, type FieldType, type TemplateField } from '../../../../src/domain/field-template.ts';

/** A template's fields as rows to edit; its JSON text stays what counts. */

export type Field = TemplateField;
type Template = Record<string, unknown> & { fields: Field[] };

/** @returns undefined for a text that is no template with a list of fields yet */
export function fieldsIn(text: string): Field[] | undefined {
  return templateIn(text)?.fields;
}

/** The text with other fields; what else stands in it stays. */
export function withFields(text: string, fields: Field[]): string {
  return JSON.stringify({ ...templateIn(text), fields }, null, 2);
}

function templateIn(text: string): Template | undefined {
  try {
    const template = JSON.parse(text) as Template | null;
    const fields: unknown = template?.fields;
    const areFields =
      Array.isArray(fields) && fields.every((field) => typeof field === 'object' && field !== null);
    return areFields ? (template as Template) : undefined;
  } catch {
    return undefined;
  }
}

/** Behind all there are, so that a payload is described from front to back. */
export function nextField(fields: readonly Field[]): Field {
  const last = fields.at(-1);
  const offset = last ? (Number(last.offset) || 0) + bytesOf(last) : 0;
  const names = new Set(fields.map(({ name }) => name));
  let number = fields.length + 1;
  while (names.has(`value${number}`)) number += 1;
  return { name: `value${number}`, type: 'uint8', offset };
}

const numbers = ['endian', 'scale', 'add'] as const;

/** What can be said of a field of the type, beside name, type and offset. */
export function settingsOfType(type: FieldType): readonly (keyof Field)[] {
  if (type === 'text') return ['length'];
  if (type === 'bcd') return ['length', ...numbers];
  if (type === 'bool') return ['bit'];
  if (type === 'uint8') return ['bit', 'bits', 'scale', 'add'];
  if (type === 'int8') return ['scale', 'add'];
  return ['uint16', 'uint24', 'uint32'].includes(type) ? ['endian', 'bit', 'bits', 'scale', 'add'] : numbers;
}

/** The field with one thing changed, without what does not go with its type. */
export function changed(field: Field, change: Partial<Field>): Field {
  const wanted: Record<string, unknown> = { ...field, ...change };
  const { type } = wanted as { type: FieldType };
  const kept: Record<string, unknown> = {};
  for (const key of ['name', 'type', 'offset', ...settingsOfType(type)]) {
    if (wanted[key] !== undefined) kept[key] = wanted[key];
  }
  if ((type === 'text' || type === 'bcd') && kept.length === undefined) kept.length = type === 'text' ? 8 : 1;
  return kept as unknown as Field;
}
