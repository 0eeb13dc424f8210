import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import { quarantined, quarantinePage, quarantineQuery } from '../../contract/integrations.ts';
import { answers, noContent, organizationPath } from '../route.ts';

const tags = ['Quarantine'];
const messagePath = organizationPath.extend({ message: id });

export const listQuarantine = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/quarantine',
  operationId: 'listQuarantine',
  summary: 'Messages that could not be stored, newest first',
  tags,
  request: { params: organizationPath, query: quarantineQuery },
  responses: answers(200, quarantinePage, 'A page of messages, each payload cut at 4 KiB'),
});

export const getQuarantined = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/quarantine/{message}',
  operationId: 'getQuarantinedMessage',
  summary: 'One message with its whole payload',
  tags,
  request: { params: messagePath },
  responses: answers(200, quarantined, 'The message'),
});

export const deleteQuarantined = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/quarantine/{message}',
  operationId: 'deleteQuarantinedMessage',
  summary: 'Discard it (members)',
  tags,
  request: { params: messagePath },
  responses: noContent('Discarded'),
});
