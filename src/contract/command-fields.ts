import type { CommandField, DeclaredCommand } from './device-types.ts';

/** A parameter that is not as it is declared, in words. */
export interface ParamProblem {
  name: string;
  message: string;
}

/**
 * Holds a command's params against its declaration.
 * @returns the params with what is left out as its default says; or all that is wrong with them
 */
export function fitParams(
  { name: command, fields }: Pick<DeclaredCommand, 'name' | 'fields'>,
  params: Readonly<Record<string, unknown>>,
): { params: Record<string, unknown> } | { problems: ParamProblem[] } {
  const declared = new Set(fields.map(({ name }) => name));
  const problems = Object.keys(params)
    .filter((name) => !declared.has(name))
    .map((name) => ({ name, message: `is no parameter of ${command}` }));
  const filled = new Map(Object.entries(params));
  for (const field of fields) {
    if (!filled.has(field.name) && field.default !== undefined) filled.set(field.name, field.default);
    const message = filled.has(field.name)
      ? valueProblem(field, filled.get(field.name))
      : field.required && 'is missing';
    if (message) problems.push({ name: field.name, message });
  }
  return problems.length > 0 ? { problems } : { params: Object.fromEntries(filled) };
}

/** In words what keeps a value from being one of the field; undefined when nothing does. */
export function valueProblem(field: CommandField, value: unknown): string | undefined {
  switch (field.type) {
    case 'number':
      return numberProblem(field, value);
    case 'text':
      return typeof value === 'string' ? undefined : 'must be a text';
    case 'switch':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'choice': {
      const isOption = typeof value === 'string' && field.options.includes(value);
      return isOption ? undefined : `must be one of ${field.options.join(', ')}`;
    }
  }
}

function numberProblem(
  { min, max, whole }: Extract<CommandField, { type: 'number' }>,
  value: unknown,
): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
  if (whole && !Number.isInteger(value)) return 'must be a whole number';
  if (min !== undefined && value < min) return `must be ${min} or more`;
  if (max !== undefined && value > max) return `must be ${max} or less`;
  return undefined;
}
