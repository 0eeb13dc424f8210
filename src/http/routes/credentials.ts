import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id, pageQuery } from '../../contract/common.ts';
import {
  createCredential,
  createdCredential,
  credential,
  credentialPage,
  rotateCredential,
  updateCredential,
} from '../../contract/credentials.ts';
import * as stored from '../../database/credentials.ts';
import { findOrRegisterDevice } from '../../database/devices.ts';
import { topicPrefix } from '../../domain/hosted-topic.ts';
import { PlatformError } from '../../service/errors.ts';
import { makeCredential } from '../credentials.ts';
import { readCursor, toPage } from '../cursor.ts';
import { once } from '../idempotency.ts';
import { routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';

const tags = ['Credentials'];
const credentialPath = organizationPath.extend({ credential: id });

const listCredentials = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/credentials',
  operationId: 'listCredentials',
  summary: 'MQTT credentials, newest first',
  tags,
  request: { params: organizationPath, query: pageQuery },
  responses: answers(200, credentialPage, 'A page of credentials'),
});

const createCredentialRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/credentials',
  operationId: 'createCredential',
  summary: 'Make a credential; its password is shown this once (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createCredential) },
  responses: answers(201, createdCredential, 'Made'),
});

const getCredential = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/credentials/{credential}',
  operationId: 'getCredential',
  summary: 'One credential',
  tags,
  request: { params: credentialPath },
  responses: answers(200, credential, 'The credential'),
});

const updateCredentialRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/credentials/{credential}',
  operationId: 'updateCredential',
  summary: 'Disable, enable or rename; disabling closes its connections (admins)',
  tags,
  request: { params: credentialPath, body: body(updateCredential) },
  responses: answers(200, credential, 'Updated'),
});

const deleteCredential = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/credentials/{credential}',
  operationId: 'deleteCredential',
  summary: 'Delete it; closes its connections (admins)',
  tags,
  request: { params: credentialPath },
  responses: noContent('Deleted'),
});

const rotateCredentialRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/credentials/{credential}/rotate',
  operationId: 'rotateCredential',
  summary: 'Make its successor, and let it expire meanwhile (admins)',
  tags,
  request: { params: credentialPath, headers: idempotencyKey, body: body(rotateCredential) },
  responses: answers(201, createdCredential, 'The successor, its password shown this once'),
});

const position = z.tuple([z.iso.datetime(), id]);

export const credentials = routes();

credentials.openapi(listCredentials, async (c) => {
  const { cursor, limit } = c.req.valid('query');
  const [createdAt, lastId] = readCursor(cursor, position) ?? [];
  const after = createdAt && lastId ? { createdAt, id: lastId } : undefined;
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listCredentials(tx, { organizationId, after, limit: limit + 1 }),
  );
  return c.json(
    toPage(items, limit, (last) => [last.created_at, last.id]),
    200,
  );
});

credentials.openapi(createCredentialRoute, async (c) => {
  const { label, external_device_id: externalDeviceId, expires_at: expiresAt } = c.req.valid('json');
  const created = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, async () => {
      const deviceId =
        externalDeviceId === undefined
          ? null
          : await findOrRegisterDevice(tx, { organizationId, externalDeviceId });
      const prefix = topicPrefix(organizationId, externalDeviceId);
      return makeCredential(tx, c.get('platform').connection, {
        organizationId,
        deviceId,
        label,
        topicPrefix: prefix,
        expiresAt,
      });
    }),
  );
  return c.json(created, 201);
});

credentials.openapi(getCredential, async (c) => {
  const { credential: credentialId } = c.req.valid('param');
  const credential = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getCredential(tx, { organizationId, credentialId }),
  );
  return c.json(found(credential, 'credential'), 200);
});

credentials.openapi(updateCredentialRoute, async (c) => {
  const { credential: credentialId } = c.req.valid('param');
  const change = c.req.valid('json');
  const credential = await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    await stored.updateCredential(tx, { organizationId, credentialId }, change);
    return stored.getCredential(tx, { organizationId, credentialId });
  });
  return c.json(found(credential, 'credential'), 200);
});

credentials.openapi(deleteCredential, async (c) => {
  const { credential: credentialId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.deleteCredential(tx, { organizationId, credentialId }),
  );
  if (!deleted) throw notFound('credential');
  return c.body(null, 204);
});

credentials.openapi(rotateCredentialRoute, async (c) => {
  const { credential: credentialId } = c.req.valid('param');
  const { overlap_seconds: overlap } = c.req.valid('json');
  const successor = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, async () => {
      const address = { organizationId, credentialId };
      const old = found(await stored.getCredential(tx, address), 'credential');
      if (old.disabled_at) {
        throw new PlatformError(
          'conflict',
          'A disabled credential is not rotated. Enable it, or make another.',
        );
      }
      await stored.expireCredential(tx, address, overlap);
      return makeCredential(tx, c.get('platform').connection, {
        organizationId,
        deviceId: old.device_id,
        label: old.label,
        topicPrefix: old.topic_prefix,
        replaces: old.id,
        integrationId: old.integration_id ?? undefined,
      });
    }),
  );
  return c.json(successor, 201);
});
