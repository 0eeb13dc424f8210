import { Buffer } from 'node:buffer';
import { clearImmediate, setImmediate } from 'node:timers';

/** What our code has as globals on Node and Deno since 2.4; Supabase's runtime follows Deno 2.1. Imported first. */
Object.assign(globalThis, { Buffer, setImmediate, clearImmediate });
