import { z } from 'zod';
import { id, page, pageQuery } from './common.ts';

/** A client that is connected to a gateway now. */
export const liveConnection = z
  .object({
    id,
    client_id: z.string(),
    credential_id: id,
    username: z.string(),
    label: z.string().describe('The credential’s'),
    device_id: id.nullable().describe('Of a credential for one device'),
    external_device_id: z.string().nullable(),
    protocol_version: z.enum(['3.1', '3.1.1', '5']),
    transport: z.enum(['tcp', 'tls', 'ws', 'wss']),
    remote_address: z.string(),
    connected_at: z.string(),
    disconnect_asked_at: z.string().nullable().describe('Somebody has asked to end it'),
  })
  .meta({ id: 'LiveConnection' });
export type LiveConnection = z.infer<typeof liveConnection>;
export const liveConnectionPage = page(liveConnection).meta({ id: 'LiveConnectionPage' });

export const liveConnectionQuery = pageQuery.extend({
  credential_id: id.optional(),
  search: z.string().trim().max(128).optional().describe('Part of the client id or of the address'),
});
