import { z } from 'zod';
import { id } from './common.ts';
import { brokerHealth, databaseHealth } from './platform.ts';
import { roleNames } from './processes.ts';

const roleName = z.enum(roleNames);

/** GET /api/v1/organizations/{org}/health */
export const platformHealth = z
  .object({
    broker: brokerHealth,
    database: databaseHealth,
    processes: z
      .array(
        z.object({
          id,
          roles: z.array(roleName),
          host: z.string().describe('The machine’s name'),
          version: z.string(),
          started_at: z.string(),
          seen_at: z.string(),
          connections: z
            .int()
            .nullable()
            .describe('Of this organization’s clients; null without the role gateway'),
          reaches_engine: z.boolean().nullable().describe('Null where it needs none'),
        }),
      )
      .describe('Those that were heard within the last ten seconds, oldest first'),
    missing_roles: z.array(roleName).describe('What no process does now'),
  })
  .meta({ id: 'PlatformHealth' });
export type PlatformHealth = z.infer<typeof platformHealth>;
