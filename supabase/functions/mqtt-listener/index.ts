import '../_shared/node-globals.ts';
import { edgeListener } from '../../../src/main/edge-listener.ts';

/** `supabase functions deploy mqtt-listener`: where customers' brokers post their messages. */
const listener = edgeListener(Deno.env.toObject(), {
  write: (line) => console.log(line),
  // Supabase's own global.
  waitUntil: globalThis.EdgeRuntime && ((work) => globalThis.EdgeRuntime.waitUntil(work)),
});
Deno.serve((request) => listener.fetch(request));
