import { PlatformError } from './errors.ts';

/**
 * The outcome of `work`, if it comes in time. Work that is late goes on, and nobody hears of its outcome.
 * @throws PlatformError `unavailable` after `milliseconds`
 */
export async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new PlatformError('unavailable', 'There was no answer in time.', { retryAfter: 2 }));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
