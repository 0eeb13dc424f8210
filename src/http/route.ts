import type { ZodType } from 'zod';
import { z } from 'zod';
import { id, line, problem } from '../contract/common.ts';

/** Pieces that every route's definition is made of. */
const failure = {
  description: 'What is wrong, as a problem detail (RFC 9457)',
  content: { 'application/problem+json': { schema: problem } },
};

/** The answers of a route that returns JSON; every failure is a problem detail. */
export function answers<Status extends 200 | 201 | 202, Schema extends ZodType>(
  status: Status,
  schema: Schema,
  description: string,
) {
  const success = { description, content: { 'application/json': { schema } } };
  return { [status]: success, default: failure } as { [status in Status]: typeof success } & {
    default: typeof failure;
  };
}

/** The answers of a route that waits for an outcome: 200 with it, 202 with what is known so far. */
export function outcomeOrSoFar<Schema extends ZodType>(schema: Schema, outcome: string, soFar: string) {
  return { ...answers(200, schema, outcome), ...answers(202, schema, soFar) };
}

/** The answers of a route that returns a file, of one of several types. */
export function file(types: readonly string[], description: string) {
  const content = Object.fromEntries(types.map((type) => [type, { schema: z.string() }]));
  return { 200: { description, content }, default: failure };
}

/** The answers of a route that returns nothing. */
export function noContent(description: string) {
  return { 204: { description }, default: failure };
}

/** A JSON body that must be there. */
export function body<Schema extends ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

export const organizationPath = z.object({ org: id });
const key = line(200).min(1).optional();
export const idempotencyKey = z.object({
  'idempotency-key': key.describe(
    'A repeat with the same key and body within 24 hours is answered as the first was',
  ),
});

/** The same where a row keeps its key. */
export const commandKey = z.object({
  'idempotency-key': key.describe(
    'Of the organization: a repeat with the same device, name and params finds the command that is there',
  ),
});
