import { z } from 'zod';
import { limitNames } from '../domain/limits.ts';

/** GET /api/v1/organizations/{org}/usage */
export const usage = z
  .object({
    plan: z.string(),
    limits: z.array(
      z.object({
        name: z.enum(limitNames),
        limit: z.int().nullable().describe('null: none'),
        used: z.number().nullable().describe('Now; null where there is nothing to add up'),
        peak_today: z
          .number()
          .nullable()
          .describe('The most at a time since midnight, UTC; null where it is not kept'),
        hits_today: z.int().describe('How often it held something back since midnight, UTC'),
        last_hit_at: z.string().nullable().describe('Within the last week'),
      }),
    ),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof usage>;
