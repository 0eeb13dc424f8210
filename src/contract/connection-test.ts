import { z } from 'zod';

/** What a customer's broker said when its connection was tried, step by step. */

/** In the order in which they are tried; `tls` and `websocket` only where the URL asks for them. */
export const connectionStepName = z.enum([
  'resolve',
  'connect',
  'tls',
  'websocket',
  'mqtt',
  'subscribe',
  'round_trip',
]);
export type ConnectionStepName = z.infer<typeof connectionStepName>;

export const connectionProblem = z
  .object({
    code: z.string().describe('Stable, as `certificate_expired`'),
    message: z.string().describe('What happened'),
    advice: z.string().describe('What to do'),
  })
  .meta({ id: 'ConnectionProblem' });
export type ConnectionProblem = z.infer<typeof connectionProblem>;

export const connectionStep = z
  .object({
    step: connectionStepName,
    ok: z.boolean(),
    ms: z.number().describe('Milliseconds it took'),
    detail: z.string().optional().describe('The topic filter of `subscribe`, the topic of `round_trip`'),
    problem: connectionProblem.optional().describe('There when it failed, and with what works but not well'),
  })
  .meta({ id: 'ConnectionStep' });
export type ConnectionStep = z.infer<typeof connectionStep>;

/** The steps up to the first that failed; a refused filter does not keep the next from being tried. */
export const connectionTest = z
  .object({ ok: z.boolean(), steps: z.array(connectionStep) })
  .meta({ id: 'ConnectionTest' });
export type ConnectionTest = z.infer<typeof connectionTest>;
