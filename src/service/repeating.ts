/** Work that is done again and again, one at a time. */
export interface Repeating {
  start(): void;
  /** Resolves when what is under way has ended. */
  settled(): Promise<void>;
  /** Begins no more of it, and resolves as `settled` does. */
  stop(): Promise<void>;
}

/**
 * Does `work` every so many milliseconds, from the first of them on; a turn that falls into the one before is left out.
 * @param onFailed hears what it throws; the next turn comes all the same
 */
export function repeating(
  everyMs: number,
  work: () => Promise<void>,
  onFailed: (error: unknown) => void,
): Repeating {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  const settled = async () => running;
  return {
    start() {
      timer = setInterval(() => {
        running ??= work()
          .catch(onFailed)
          .finally(() => {
            running = undefined;
          });
      }, everyMs);
    },
    settled,
    stop() {
      clearInterval(timer);
      return settled();
    },
  };
}
