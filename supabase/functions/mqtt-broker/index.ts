import '../_shared/node-globals.ts';
import { edgeBroker } from '../../../src/main/edge-broker.ts';

/** `supabase functions deploy mqtt-broker`: a command to a device on a customer's broker, with its confirmation. */
const broker = edgeBroker(Deno.env.toObject(), { write: (line) => console.log(line) });
Deno.serve((request) => broker.fetch(request));
