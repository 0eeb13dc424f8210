import { createRoute } from '@hono/zod-openapi';
import { id, pageQuery } from '../../contract/common.ts';
import {
  createCredential,
  createdCredential,
  credential,
  credentialPage,
  rotateCredential,
  updateCredential,
} from '../../contract/credentials.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';

const tags = ['Credentials'];
const credentialPath = organizationPath.extend({ credential: id });

export const listCredentials = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/credentials',
  operationId: 'listCredentials',
  summary: 'MQTT credentials, newest first',
  tags,
  request: { params: organizationPath, query: pageQuery },
  responses: answers(200, credentialPage, 'A page of credentials'),
});

export const createCredentialRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/credentials',
  operationId: 'createCredential',
  summary: 'Make a credential; its password is shown this once (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createCredential) },
  responses: answers(201, createdCredential, 'Made'),
});

export const getCredential = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/credentials/{credential}',
  operationId: 'getCredential',
  summary: 'One credential',
  tags,
  request: { params: credentialPath },
  responses: answers(200, credential, 'The credential'),
});

export const updateCredentialRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/credentials/{credential}',
  operationId: 'updateCredential',
  summary: 'Disable, enable or rename; disabling closes its connections (admins)',
  tags,
  request: { params: credentialPath, body: body(updateCredential) },
  responses: answers(200, credential, 'Updated'),
});

export const deleteCredential = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/credentials/{credential}',
  operationId: 'deleteCredential',
  summary: 'Delete it; closes its connections (admins)',
  tags,
  request: { params: credentialPath },
  responses: noContent('Deleted'),
});

export const rotateCredentialRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/credentials/{credential}/rotate',
  operationId: 'rotateCredential',
  summary: 'Make its successor, and let it expire meanwhile (admins)',
  tags,
  request: { params: credentialPath, headers: idempotencyKey, body: body(rotateCredential) },
  responses: answers(201, createdCredential, 'The successor, its password shown this once'),
});
