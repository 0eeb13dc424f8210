/** Nobody answered in the time there was. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`);
    this.milliseconds = milliseconds;
  }
}

/**
 * The outcome of `work`, if it comes within `milliseconds` and before `signal` says stop. `work` gets a signal that
 * says when to give up, and lets go of what it holds then.
 * @throws NoAnswer when time is up, `signal.reason` when it was stopped
 */
export async function bounded<Value>(
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const own = new AbortController();
  const stopped = Promise.withResolvers<never>();
  own.signal.addEventListener('abort', () => stopped.reject(own.signal.reason));
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop);
  const timer = setTimeout(() => own.abort(new NoAnswer(milliseconds)), milliseconds);
  try {
    // The reason first: what `work` says when it is told to give up is of no interest.
    return await Promise.race([stopped.promise, work(own.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
