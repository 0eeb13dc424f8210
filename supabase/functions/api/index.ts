import '../_shared/node-globals.ts';
import { edgeApi } from '../../../src/main/edge.ts';

/** `supabase functions deploy api`: the HTTP API, beside the project's database. */
const api = edgeApi(Deno.env.toObject(), (line) => console.log(line));
Deno.serve((request) => api.fetch(request));
