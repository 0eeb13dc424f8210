import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { describeApi } from '../../scripts/openapi.ts';

it.each(Object.entries(await describeApi()))(
  '%s is as the routes say: npm run openapi',
  async (file, text) => {
    expect(await readFile(file, 'utf8')).toBe(text);
  },
);

it('every route says what it does, under a name that clients can call it by', async () => {
  const { paths } = JSON.parse((await describeApi())['openapi.json']!) as {
    paths: Record<string, Record<string, { operationId?: string; summary?: string; tags?: string[] }>>;
  };
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  for (const { operationId, summary, tags } of operations) {
    expect(operationId).toMatch(/^[a-z]+[A-Za-z]+$/);
    expect(summary).toBeTruthy();
    expect(tags).toHaveLength(1);
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});
