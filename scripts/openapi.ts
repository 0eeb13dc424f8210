import { readFile, writeFile } from 'node:fs/promises';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { apiRoutes, openApiDocument } from '../src/http/openapi.ts';

/** The API's description and the dashboard's types made of it, by file. */
export async function describeApi(): Promise<Record<string, string>> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const document = `${JSON.stringify(openApiDocument(apiRoutes(), version), null, 2)}\n`;
  const types = astToString(await openapiTypescript(document, { defaultNonNullable: false }));
  return { 'openapi.json': document, 'web/src/api/schema.d.ts': types };
}

/** `npm run openapi` writes them. */
if (import.meta.main) {
  for (const [file, text] of Object.entries(await describeApi())) await writeFile(file, text);
}
