import { readFile, writeFile } from 'node:fs/promises';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { apiRoutes, openApiDocument } from '../src/http/openapi.ts';

/** `npm run openapi`: writes openapi.json from the routes' definitions, and the dashboard's types from that. */
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
const document = `${JSON.stringify(openApiDocument(apiRoutes(), version), null, 2)}\n`;
await writeFile('openapi.json', document);
await writeFile(
  'web/src/api/schema.d.ts',
  astToString(await openapiTypescript(document, { defaultNonNullable: false })),
);
