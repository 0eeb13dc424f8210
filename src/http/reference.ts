import { Hono } from 'hono';
import { PlatformError } from '../service/errors.ts';
import type { Env } from './platform.ts';

/** The API reference: Swagger UI over /openapi.json, all of it served from here and without a script in the page. */
export const reference = new Hono<Env>();

const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API · NetNeural MQTT</title>
  <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  <link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
</head>
<body>
  <div id="reference"></div>
  <script src="/docs/assets/swagger-ui-bundle.js"></script>
  <script src="/docs/reference.js"></script>
</body>
</html>
`;

const script = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  validatorUrl: null,
});
`;

reference.get('/docs', (c) => c.html(page));

reference.get('/docs/reference.js', (c) =>
  c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' }),
);

reference.get('/docs/assets/:name', async (c) => {
  const file = await c.get('platform').staticFile?.('reference', c.req.param('name'));
  if (!file) throw new PlatformError('not_found', `There is nothing at ${c.req.path}.`);
  return c.body(file.body, 200, {
    'content-type': file.contentType,
    'cache-control': 'public, max-age=86400',
  });
});
