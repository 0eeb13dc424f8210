import { hash, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { uuidBytes } from '../database/binary-array.ts';
import {
  findGatewayCredentials,
  findGatewayIntegration,
  type GatewayCredential,
  type GatewayIntegration,
} from '../database/gateway.ts';
import type { ActivityReason } from '../domain/activity.ts';
import { decodingFor } from '../ingest/decoding.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import { topicPatterns } from '../ingest/topic-patterns.ts';
import { batched } from '../service/batched.ts';
import { verifyPassword } from '../service/password.ts';
import { within } from '../service/within.ts';

/** How long a look-up may take: clients wait for CONNACK, and those we know need not. */
const LOOK_UP_MS = { known: 1000, unknown: 5000 };
/** Looked up again after this even if nothing announced a change. */
const FRESH_MS = 60_000;
/** Entries beyond this are forgotten, oldest first. */
const MOST_CREDENTIALS = 50_000;
/** Looked up by one statement. */
const MOST_AT_ONCE = 500;

interface Entry {
  credential: GatewayCredential;
  readAt: number;
  /** The password that was found right for this hash; compared in constant time. */
  verified: Uint8Array | undefined;
}

export type Authentication =
  | { ok: true; credential: GatewayCredential; integration: IntegrationRules }
  | {
      ok: false;
      reason: ActivityReason;
      detail?: string;
      credential?: GatewayCredential;
      integration?: IntegrationRules;
    };

/**
 * Who a client is. Credentials and passwords that were right are remembered briefly, so a reconnect storm costs
 * the database nothing; PostgreSQL announces each change, and a lost announcement channel drops everything.
 */
export class Authenticator {
  readonly #pool: pg.Pool;
  readonly #entries = new Map<string, Entry>();
  readonly #integrations = new Map<string, IntegrationRules>();
  /** Look-ups under way: of a thousand clients with one credential the first asks for all. */
  readonly #lookUps = new Map<string, Promise<Entry | undefined>>();
  /** After an outage ten thousand come at once: they share a few statements. */
  readonly #find = batched(async (usernames: string[]) => {
    const found = await this.current(usernames);
    return usernames.map((username) => found.get(username));
  }, MOST_AT_ONCE);
  /** Counts announcements: what was read while one came may be from before it. */
  #announced = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** @throws when the database is away and the credential is not in memory */
  async authenticate(username: string, password: Uint8Array): Promise<Authentication> {
    const entry = await this.#entry(username);
    if (!entry) return { ok: false, reason: 'unknown_user' };
    if (!(await isRight(entry, password)))
      return { ok: false, reason: 'bad_password', ...this.#ownerIn(entry) };
    return this.#standing(entry);
  }

  /** The same for one who needs no password. @throws like it */
  async vouchedFor(username: string): Promise<Authentication> {
    const entry = await this.#entry(username);
    return entry ? this.#standing(entry) : { ok: false, reason: 'unknown_user' };
  }

  /** Whose credential the user name is, for what is to be told its owner. @throws when the database is away */
  async ownerOf(
    username: string,
  ): Promise<{ credential: GatewayCredential; integration: IntegrationRules } | undefined> {
    const entry = await this.#entry(username);
    return entry && this.#ownerIn(entry);
  }

  #ownerIn({ credential }: Entry): { credential: GatewayCredential; integration: IntegrationRules } {
    return { credential, integration: this.#integrations.get(credential.integration.id)! };
  }

  #standing(entry: Entry): Authentication {
    const reason = standing(entry.credential);
    return reason ? { ok: false, reason, ...this.#ownerIn(entry) } : { ok: true, ...this.#ownerIn(entry) };
  }

  /** Whether nothing was announced of the credential since it was handed out. */
  isCurrent(credential: GatewayCredential): boolean {
    return this.#entries.get(credential.username)?.credential === credential;
  }

  /** A credential changed or is gone. */
  credentialChanged(username: string): void {
    this.#announced += 1;
    this.#lookUps.delete(username);
    this.#entries.delete(username);
  }

  async integrationChanged(id: string): Promise<void> {
    this.#announced += 1;
    this.#lookUps.clear();
    for (const [username, { credential }] of this.#entries) {
      if (credential.integration.id === id) this.#entries.delete(username);
    }
    const rules = this.#integrations.get(id);
    if (!rules) return;
    const settings = await findGatewayIntegration(this.#pool, id);
    if (settings) apply(rules, settings);
  }

  allChanged(): void {
    this.#announced += 1;
    this.#lookUps.clear();
    // Kept for when the database goes away again before they are looked up.
    for (const entry of this.#entries.values()) entry.readAt = 0;
    for (const id of this.#integrations.keys()) void this.integrationChanged(id).catch(() => {});
  }

  /** Credentials as they are now, by user name; those missing are gone. */
  async current(usernames: readonly string[]): Promise<Map<string, GatewayCredential>> {
    const credentials = await findGatewayCredentials(this.#pool, usernames);
    return new Map(credentials.map((credential) => [credential.username, credential]));
  }

  async #entry(username: string): Promise<Entry | undefined> {
    const known = this.#entries.get(username);
    if (known && Date.now() - known.readAt < FRESH_MS) return known;
    let lookUp = this.#lookUps.get(username);
    if (!lookUp) {
      lookUp = this.#lookUp(username, known).finally(() => {
        if (this.#lookUps.get(username) === lookUp) this.#lookUps.delete(username);
      });
      this.#lookUps.set(username, lookUp);
    }
    try {
      return await within(known ? LOOK_UP_MS.known : LOOK_UP_MS.unknown, lookUp);
    } catch (error) {
      // A database that is away keeps nobody out whom we know.
      if (known) return known;
      throw error;
    }
  }

  async #lookUp(username: string, known: Entry | undefined): Promise<Entry | undefined> {
    const announced = this.#announced;
    const credential = await this.#find.ask(username);
    const isFresh = announced === this.#announced;
    if (!credential) {
      if (isFresh) this.#entries.delete(username);
      return undefined;
    }
    const verified = known?.credential.passwordHash === credential.passwordHash ? known.verified : undefined;
    const entry = { credential, readAt: Date.now(), verified };
    this.#integrate(credential, isFresh);
    if (isFresh) this.#remember(username, entry);
    return entry;
  }

  #remember(username: string, entry: Entry): void {
    this.#entries.delete(username);
    this.#entries.set(username, entry);
    if (this.#entries.size > MOST_CREDENTIALS) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
  }

  /** The integration's rules are one object for all its messages. Only what was read just now changes them. */
  #integrate({ integration, organizationId }: GatewayCredential, isFresh: boolean): void {
    const known = this.#integrations.get(integration.id);
    if (known && !isFresh) return;
    const rules = known ?? {
      id: integration.id,
      idBytes: uuidBytes(integration.id),
      organizationId,
      organizationBytes: uuidBytes(organizationId),
      decoding: decodingFor('auto', undefined),
      autoRegister: integration.autoRegister,
      deviceLimit: integration.deviceLimit,
      patterns: undefined,
    };
    this.#integrations.set(integration.id, apply(rules, integration));
  }
}

/** Why a credential lets nobody in, or undefined. */
export function standing(credential: GatewayCredential): ActivityReason | undefined {
  if (credential.disabled) return 'credential_disabled';
  if (!credential.integration.enabled) return 'integration_stopped';
  if (credential.expiresAt !== undefined && credential.expiresAt <= Date.now()) return 'credential_expired';
  return undefined;
}

/** Shared by all messages of the integration, so it changes in place. */
function apply(rules: IntegrationRules, settings: GatewayIntegration): IntegrationRules {
  rules.decoding = decodingFor(settings.decoder, settings.decoderSettings);
  rules.autoRegister = settings.autoRegister;
  rules.deviceLimit = settings.deviceLimit;
  rules.patterns = settings.expectedTopics && topicPatterns(settings.expectedTopics);
  return rules;
}

async function isRight(entry: Entry, password: Uint8Array): Promise<boolean> {
  const digest = hash('sha256', password, 'buffer');
  if (entry.verified) return timingSafeEqual(digest, entry.verified);
  if (!(await verifyPassword(password, entry.credential.passwordHash))) return false;
  entry.verified = digest;
  return true;
}
