/**
 * Resolves with what asked the platform to stop: a signal, or `disconnect` when whoever started it over
 * a channel (`scripts/start.mjs`) lets go or is killed. Asked a second time by a signal it waits no longer:
 * the process exits, and the embedded PostgreSQL is closed behind it.
 */
export function stopRequest(): Promise<string> {
  return new Promise((resolve) => {
    let hadSignal = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // As a shell reports an end by SIGINT.
        if (hadSignal) process.exit(130);
        hadSignal = true;
        resolve(signal);
      });
    }
    // A closed terminal ends our parent, and so us; under nohup it ends neither.
    process.on('SIGHUP', () => {});
    process.once('disconnect', () => resolve('disconnect'));
    if (process.connected === false) resolve('disconnect');
    process.channel?.unref();
  });
}
