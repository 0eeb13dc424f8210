import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { PlatformError } from '../service/errors.ts';

/**
 * Attempts at what guards accounts, counted in this process: passwords and tokens are long enough that a few
 * processes more make no difference.
 */
export interface RateLimits {
  /** Before a password is tried. @throws PlatformError `too_many_requests` */
  signIn(address: string, email: string): Promise<void>;
  /** After it was right: the account's own count starts anew. */
  signedIn(address: string, email: string): Promise<void>;
  /** Before a set-up or invitation token is tried. @throws PlatformError `too_many_requests` */
  token(address: string): Promise<void>;
}

const MINUTE = 60;

export function createRateLimits(): RateLimits {
  // Somebody's own mistakes; someone else's guesses at one account from one place.
  const account = new RateLimiterMemory({ keyPrefix: 'account', points: 10, duration: 15 * MINUTE });
  // One address through many accounts. An office behind one address signs in more often than a person.
  const address = new RateLimiterMemory({ keyPrefix: 'address', points: 100, duration: 15 * MINUTE });
  const token = new RateLimiterMemory({ keyPrefix: 'token', points: 30, duration: 15 * MINUTE });
  return {
    async signIn(from, email) {
      await consume(address, from);
      await consume(account, accountKey(from, email));
    },
    async signedIn(from, email) {
      await account.delete(accountKey(from, email));
    },
    token: (from) => consume(token, from),
  };
}

function accountKey(address: string, email: string): string {
  return `${address} ${email.toLowerCase()}`;
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.ceil(refusal.msBeforeNext / 1000);
    throw new PlatformError('too_many_requests', `Too many attempts. Try again in ${wait(seconds)}.`, {
      retryAfter: seconds,
    });
  }
}

function wait(seconds: number): string {
  return seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}
