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
  /** After a webhook's token was wrong. @throws PlatformError `too_many_requests` */
  webhookRefused(address: string): Promise<void>;
  /** Before a broker is tried for an organization. @throws PlatformError `too_many_requests` */
  connectionTest(organizationId: string): Promise<void>;
  /** Before a notification channel is. @throws PlatformError `too_many_requests` */
  channelTest(organizationId: string): Promise<void>;
  /**
   * Before a file is made for an organization. @returns call it once the file has ended
   * @throws PlatformError `too_many_requests`
   */
  file(organizationId: string): () => void;
}

const MINUTE = 60;
/** Of one organization, in this process: each holds about a megabyte while its client reads slowly. */
const FILES_AT_ONCE = 5;

export function createRateLimits(): RateLimits {
  // Somebody's own mistakes; someone else's guesses at one account from one place.
  const account = new RateLimiterMemory({ keyPrefix: 'account', points: 10, duration: 15 * MINUTE });
  // One address through many accounts. An office behind one address signs in more often than a person.
  const address = new RateLimiterMemory({ keyPrefix: 'address', points: 100, duration: 15 * MINUTE });
  const token = new RateLimiterMemory({ keyPrefix: 'token', points: 30, duration: 15 * MINUTE });
  // A broker with yesterday's token posts every message: a refusal that costs nothing is all that it gets.
  const webhook = new RateLimiterMemory({ keyPrefix: 'webhook', points: 60, duration: MINUTE });
  // A person corrects and tries again; a scan of other people's hosts would need more.
  const trial = new RateLimiterMemory({ keyPrefix: 'trial', points: 30, duration: MINUTE });
  // The same, into what may be other people's mailboxes.
  const message = new RateLimiterMemory({ keyPrefix: 'message', points: 20, duration: MINUTE });
  const files = new Map<string, number>();
  return {
    file(organizationId) {
      const open = files.get(organizationId) ?? 0;
      if (open >= FILES_AT_ONCE) {
        const detail = `${FILES_AT_ONCE} files are being made for the organization. Wait until one has ended.`;
        throw new PlatformError('too_many_requests', detail, { retryAfter: 5 });
      }
      files.set(organizationId, open + 1);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        const rest = files.get(organizationId)! - 1;
        if (rest === 0) files.delete(organizationId);
        else files.set(organizationId, rest);
      };
    },
    async signIn(from, email) {
      await consume(address, network(from));
      await consume(account, accountKey(from, email));
    },
    async signedIn(from, email) {
      await account.delete(accountKey(from, email));
    },
    token: (from) => consume(token, network(from)),
    connectionTest: (organizationId) => consume(trial, organizationId),
    channelTest: (organizationId) => consume(message, organizationId),
    webhookRefused: (from) => consume(webhook, network(from)),
  };
}

function accountKey(address: string, email: string): string {
  return `${network(address)} ${email.toLowerCase()}`;
}

/** Whoever has one IPv6 address has the 2^64 beside it (RFC 6177), so those count as one. */
export function network(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
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
