import '../_shared/node-globals.ts';
import { edgeTick } from '../../../src/main/edge-tick.ts';

/** `supabase functions deploy tick`: what is due by the clock; pg_cron calls it once a minute. */
const tick = edgeTick(Deno.env.toObject(), { write: (line) => console.log(line) });
Deno.serve((request) => tick.fetch(request));
