let isHeld = false;

/** Whether this tab hears of alerts also while nobody sees it. */
export function isListeningTab(): boolean {
  return isHeld;
}

/**
 * Has one of the browser's tabs hear on for an organization while none is seen: a connection for each would use up the six
 * that a browser has. When that tab is closed, another one takes over.
 * @returns ends it
 */
export function listenOn(org: string): () => void {
  const ended = Promise.withResolvers<void>();
  const waiting = new AbortController();
  const hold = () => {
    isHeld = true;
    return ended.promise;
  };
  // Waiting for its turn ends with an error when it is aborted.
  navigator.locks.request(`notify-of-alerts ${org}`, { signal: waiting.signal }, hold).catch(() => {});
  return () => {
    isHeld = false;
    waiting.abort();
    ended.resolve();
  };
}
