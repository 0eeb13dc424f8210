import type pg from 'pg';
import { uuidBytes } from '../database/binary-array.ts';
import {
  findGatewayCredential,
  findGatewayCredentials,
  findGatewayIntegration,
  type GatewayCredential,
  type GatewayIntegration,
} from '../database/gateway.ts';
import { decoderNamed } from '../decode/index.ts';
import type { ActivityReason } from '../domain/activity.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import { verifyPassword } from '../service/password.ts';
import { within } from '../service/within.ts';

/** How long a look-up may take: clients wait for CONNACK, and those we know need not. */
const LOOK_UP_MS = { known: 1000, unknown: 5000 };
/** Looked up again after this even if nothing announced a change. */
const FRESH_MS = 60_000;
/** Entries beyond this are forgotten, oldest first. */
const MOST_CREDENTIALS = 50_000;

interface Entry {
  credential: GatewayCredential;
  readAt: number;
  /** The password that was found right for this hash; compared in constant time. */
  verified: Uint8Array | undefined;
}

export type Authentication =
  | { ok: true; credential: GatewayCredential; integration: IntegrationRules }
  | { ok: false; reason: ActivityReason; credential?: GatewayCredential; integration?: IntegrationRules };

/**
 * Who a client is. Credentials and passwords that were right are remembered briefly, so a reconnect storm costs
 * the database nothing; PostgreSQL announces each change, and a lost announcement channel drops everything.
 */
export class Authenticator {
  readonly #pool: pg.Pool;
  readonly #entries = new Map<string, Entry>();
  readonly #integrations = new Map<string, IntegrationRules>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** @throws when the database is away and the credential is not in memory */
  async authenticate(username: string, password: Uint8Array): Promise<Authentication> {
    const entry = await this.#entry(username);
    if (!entry) return { ok: false, reason: 'unknown_user' };
    const { credential } = entry;
    const integration = this.#rules(credential);
    if (!(await isRight(entry, password)))
      return { ok: false, reason: 'bad_password', credential, integration };
    const reason = standing(credential);
    return reason ? { ok: false, reason, credential, integration } : { ok: true, credential, integration };
  }

  /** A credential changed or is gone. */
  credentialChanged(username: string): void {
    this.#entries.delete(username);
  }

  async integrationChanged(id: string): Promise<void> {
    const rules = this.#integrations.get(id);
    if (!rules) return;
    const settings = await findGatewayIntegration(this.#pool, id);
    if (settings) apply(rules, settings);
  }

  allChanged(): void {
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
    let credential: GatewayCredential | undefined;
    try {
      const patience = known ? LOOK_UP_MS.known : LOOK_UP_MS.unknown;
      credential = await within(patience, findGatewayCredential(this.#pool, username));
    } catch (error) {
      // A database that is away keeps nobody out whom we know.
      if (known) return known;
      throw error;
    }
    if (!credential) {
      this.#entries.delete(username);
      return undefined;
    }
    const verified = known?.credential.passwordHash === credential.passwordHash ? known.verified : undefined;
    const entry = { credential, readAt: Date.now(), verified };
    this.#entries.delete(username);
    this.#entries.set(username, entry);
    if (this.#entries.size > MOST_CREDENTIALS) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
    return entry;
  }

  #rules(credential: GatewayCredential): IntegrationRules {
    const { integration, organizationId } = credential;
    const known = this.#integrations.get(integration.id);
    if (known) return apply(known, integration);
    const rules: IntegrationRules = {
      id: integration.id,
      idBytes: uuidBytes(integration.id),
      organizationId,
      organizationBytes: uuidBytes(organizationId),
      decoder: decoderNamed('auto')!,
      autoRegister: integration.autoRegister,
      deviceLimit: integration.deviceLimit,
    };
    this.#integrations.set(integration.id, rules);
    return apply(rules, integration);
  }
}

/** Why a credential lets nobody in, or undefined. */
export function standing(credential: GatewayCredential): ActivityReason | undefined {
  if (credential.disabled) return 'credential_disabled';
  if (credential.expiresAt !== undefined && credential.expiresAt <= Date.now()) return 'credential_expired';
  return undefined;
}

/** Shared by all messages of the integration, so it changes in place. */
function apply(rules: IntegrationRules, settings: GatewayIntegration): IntegrationRules {
  rules.decoder = decoderNamed(settings.decoder) ?? decoderNamed('auto')!;
  rules.autoRegister = settings.autoRegister;
  rules.deviceLimit = settings.deviceLimit;
  return rules;
}

async function isRight(entry: Entry, password: Uint8Array): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(password)));
  if (entry.verified) {
    const known = entry.verified;
    return digest.reduce((difference, byte, at) => difference | (byte ^ known[at]!), 0) === 0;
  }
  if (!(await verifyPassword(password, entry.credential.passwordHash))) return false;
  entry.verified = digest;
  return true;
}
