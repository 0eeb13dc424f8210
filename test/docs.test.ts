import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asyncApi from '@asyncapi/specs/schemas/3.0.0-without-$id.json' with { type: 'json' };
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commandForm } from '../src/contract/commands.ts';
import { parseAnswer } from '../src/domain/command-answer.ts';
import { commandPayload } from '../src/domain/command-message.ts';
import { mayPublish, maySubscribe } from '../src/domain/grant.ts';
import { devicesPrefix, parseDeviceTopic } from '../src/domain/hosted-topic.ts';
import { parseStatus } from '../src/domain/presence.ts';

/** What the docs describe for machines is valid, and what the code does. */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
interface Message {
  payload: Json;
  examples?: { payload: Json }[];
}

const read = (path: string) => readFileSync(join(import.meta.dirname, '../docs', path), 'utf8');
const schemaOf = (path: string) => JSON.parse(read(path));

const described = parse(read('asyncapi.yaml'));
const resolved = resolve(described) as unknown as {
  channels: Record<string, { address: string; messages: Record<string, Message> }>;
  operations: Record<string, { action: 'send' | 'receive'; channel: { address: string } }>;
  components: { messages: Record<'reading' | 'status', Message>; schemas: object };
};
const command = validator(schemaOf('schemas/command.schema.json'));
const response = validator(schemaOf('schemas/response.schema.json'));
const ID = '6a1f0e0c-4d0b-4c58-9a3e-2f4b7d1c9e55';

function validator(schema: object): ValidateFunction {
  const ajv = new Ajv2020({ allowUnionTypes: true });
  formats.default(ajv);
  return ajv.compile(schema);
}

/** With what its references point to in their place. */
function resolve(value: Json): Json {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$ref !== 'string') {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(each)]));
  }
  const [file, pointer = ''] = value.$ref.split('#');
  let target: Json | undefined = file ? schemaOf(file) : described;
  for (const name of pointer.split('/').slice(1)) target = (target as Record<string, Json>)?.[name];
  if (target === undefined) throw new Error(`${value.$ref} points nowhere`);
  return resolve(target);
}

describe('asyncapi.yaml', () => {
  test('is AsyncAPI 3.0', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    const isValid = ajv.compile(asyncApi);
    isValid(described);
    expect(isValid.errors ?? []).toEqual([]);
  });

  test('describes every channel, as a device may use it', () => {
    const organizationId = '8f14e45f-ceea-467f-a0e6-3f1c0a9f3f10';
    const grant = { organizationId, externalDeviceId: 'd' };
    const used = Object.values(resolved.operations).map(({ action, channel }) => {
      const topic = channel.address
        .replace('{org}', organizationId)
        .replace('{device}', 'd')
        .replace('{below}', 'a/b');
      expect(mayPublish(grant, topic)).toBe(action === 'send');
      expect(maySubscribe(grant, topic)).toBe(true);
      return `${action} ${parseDeviceTopic(topic.slice(devicesPrefix(organizationId).length))?.channel}`;
    });
    expect(used.toSorted()).toEqual([
      'receive commands',
      'send responses',
      'send status',
      'send telemetry',
      'send telemetry',
    ]);
    expect(used).toHaveLength(Object.keys(resolved.channels).length);
  });

  test('has examples that fit', () => {
    const messages = Object.values(resolved.channels).flatMap((channel) => Object.values(channel.messages));
    for (const { payload, examples = [] } of messages) {
      const { schema = payload } = payload as { schema?: Json };
      const fits = validator(schema as object);
      for (const example of examples) expect(fits(example.payload), JSON.stringify(example)).toBe(true);
    }
  });

  test('has the words for a status that are understood', () => {
    const fits = validator(resolved.components.messages.status.payload as object);
    const said = ['online', '0', 1, true, { state: 'connected' }, 'away', 2, null, {}, { status: 'x' }, []];
    for (const status of said) {
      const understood = parseStatus(new TextEncoder().encode(JSON.stringify(status))) !== undefined;
      expect(fits(status), JSON.stringify(status)).toBe(understood);
    }
  });
});

describe('the schemas', () => {
  test.each([
    ['command', command],
    ['response', response],
  ] as const)('of a %s has examples that fit', (name, fits) => {
    const { examples } = schemaOf(`schemas/${name}.schema.json`);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(fits(example), JSON.stringify(example)).toBe(true);
  });

  test('of a command fits what is sent', () => {
    const sent = { id: ID, name: 'reboot', params: {}, expires_at: '2026-11-27T10:15:00.000Z' };
    expect(command(JSON.parse(commandPayload({}, sent, 'd')))).toBe(true);
    expect(command({ ...sent, expires_at: 'tomorrow' })).toBe(false);
  });

  test.each([
    { id: ID, status: 'succeeded' },
    { id: ID.toUpperCase(), status: 'failed', result: null },
    { id: ID, status: 'acknowledged', result: [1], more: true },
    { id: ID, status: 'done' },
    { id: ID },
    { id: 'a', status: 'succeeded' },
    { status: 'succeeded' },
    [],
    'succeeded',
    null,
  ])('of a response fits what is taken: %j', (answer) => {
    const taken = !('problem' in parseAnswer(new TextEncoder().encode(JSON.stringify(answer))));
    expect(response(answer)).toBe(taken);
  });
});

test('the guide to commands has examples that fit', () => {
  const blocks = [...read('guides/commands.md').matchAll(/^```json\n([\s\S]*?)^```/gm)];
  expect(blocks).toHaveLength(5);
  for (const [, text] of blocks) {
    const example = JSON.parse(text!);
    const fits =
      'topic' in example
        ? commandForm.safeParse(example).success
        : 'status' in example
          ? response(example)
          : command(example);
    expect(fits, text).toBe(true);
  }
});
