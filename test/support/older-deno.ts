/** Loaded before a function: takes what Supabase's runtime, after Deno 2.1, does not have as globals. */
for (const name of ['Buffer', 'setImmediate', 'clearImmediate']) Reflect.deleteProperty(globalThis, name);
