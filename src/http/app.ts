import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { except } from 'hono/combine';
import { secureHeaders } from 'hono/secure-headers';
import { PlatformError } from '../service/errors.ts';
import { dashboard } from './dashboard.ts';
import { mqttBroker } from './functions/mqtt-broker.ts';
import { mqttListener } from './functions/mqtt-listener.ts';
import { logged, notStored } from './middleware/answers.ts';
import { authenticate } from './middleware/authenticate.ts';
import { limitBody, requireCsv, requireJson } from './middleware/json-body.ts';
import { sameOrigin } from './middleware/same-origin.ts';
import { apiRoutes, openApiDocument } from './openapi.ts';
import { operations } from './operations.ts';
import type { Env, Platform } from './platform.ts';
import { problemResponse } from './problem.ts';
import { reference } from './reference.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** What takes a table instead of JSON. */
const TABLES = '/api/v1/organizations/:org/devices/import';
const MAX_TABLE_BYTES = 2 * 1024 * 1024;

/** The whole HTTP side as one application of web standards: `fetch(request)` is all that a runtime calls. */
export function createApp(platform: Platform): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>();
  app.use(async (c, next) => {
    c.set('platform', platform);
    return next();
  });
  app.use(headers(platform.publicUrl));
  app.onError(problemResponse);

  app.use('/api/*', logged, notStored, sameOrigin);
  app.use('/api/*', except(TABLES, limitBody(MAX_BODY_BYTES), requireJson));
  app.use(TABLES, limitBody(MAX_TABLE_BYTES), requireCsv);
  app.use('/api/v1/*', authenticate);
  if (platform.webhooks) app.route('/functions/v1', mqttListener);
  if (platform.commands) app.route('/functions/v1', mqttBroker);
  const api = apiRoutes();
  app.route('/', api);
  app.get('/openapi.json', (c) => c.json(openApiDocument(api, platform.version)));

  app.route('/', operations);
  app.route('/', reference);
  app.route('/', dashboard);

  const methodsOf = knownMethods(api);
  app.notFound((c) => {
    const allowed = methodsOf(c.req.path);
    if (allowed.length === 0) {
      return problemResponse(new PlatformError('not_found', `There is nothing at ${c.req.path}.`), c);
    }
    const detail = `${c.req.path} takes ${allowed.join(', ')}.`;
    const response = problemResponse(new PlatformError('method_not_allowed', detail), c);
    response.headers.set('allow', allowed.join(', '));
    return response;
  });
  return app;
}

/** Nothing comes from elsewhere, nothing is framed. The dashboard's component library sets styles on elements. */
function headers(publicUrl: string): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: publicUrl.startsWith('https:') && 'max-age=15552000',
  });
}

/** @returns what methods an address of the API takes; none for one that is not there */
function knownMethods(api: OpenAPIHono<Env>): (path: string) => string[] {
  const known = api.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route'
      ? [
          {
            method: definition.route.method,
            path: new RegExp(`^${definition.route.path.replace(/\{\w+\}/g, '[^/]+')}$`),
          },
        ]
      : [],
  );
  return (asked) => known.filter(({ path }) => path.test(asked)).map(({ method }) => method.toUpperCase());
}
