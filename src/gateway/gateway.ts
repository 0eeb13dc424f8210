import type pg from 'pg';
import { askedToDisconnect, forgetOtherConnections, hasConnected, isConnected } from '../database/gateway.ts';
import { activityReasons } from '../domain/activity.ts';
import type { Engine } from '../engine/engine.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Quotas } from '../quota/quotas.ts';
import type { Clock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { MemoryBudget } from '../service/memory-budget.ts';
import { Slots } from '../service/slots.ts';
import { within } from '../service/within.ts';
import { Authenticator, standing } from './authenticator.ts';
import type { CertificateStatus } from './certificates.ts';
import type { CommandEvents } from './command-watch.ts';
import { DeviceConnection, type Entrance } from './connection.ts';
import {
  defaultLimits,
  type Ending,
  type GatewayContext,
  type GatewayLimits,
  PACKET_OVERHEAD_BYTES,
  type Session,
} from './context.ts';
import { type ListenerOptions, Listeners, type ListeningPorts } from './listeners.ts';
import { Recorder } from './recorder.ts';

const SWEEP_MS = 500;
/** Connections are listed twice a second: for so long, so often a client is looked for that another gateway may have. */
const LOOK_MS = 250;
const LOOKS = 5;
/** How long a stop waits for what has been received to be committed and acknowledged. */
const DRAIN_MS = 3000;
/** How long clients may take to hang up once they were told to. */
const GOODBYE_MS = 1000;
/** Clients that are authenticated at the same time: after an outage the others wait, and those who are in are served. */
const MOST_ENTERING = 16;

export interface GatewayOptions {
  /** Of the process: its connections are listed under it. */
  id: string;
  /** No other gateway is at work on the database: connections that are listed for others are no more. */
  isAlone: boolean;
  pool: pg.Pool;
  engine: Engine;
  ingest: Ingest;
  /** Hears what clients do with commands. Absent: none are sent here. */
  commands?: CommandEvents;
  quotas: Quotas;
  clock: Clock;
  log: Logger;
  listen: Omit<ListenerOptions, 'packetBytes' | 'log'>;
  limits?: Partial<GatewayLimits>;
  /** Clients are disconnected or refused because the engine is away: nothing can be observed. */
  onEngineAway?: () => void;
  /** It is there again. */
  onEngineBack?: () => void;
}

/** A row that changed, as PostgreSQL announces it on the channel `changes`. */
export interface AnnouncedChange {
  table: string;
  operation: string;
  id: string | null;
  organization_id: string | null;
  integration_id: string | null;
  username: string | null;
  external_device_id: string | null;
}

/** The hosted broker's front door: listens, lets in, relays, and lets go of whom may stay no longer. */
export class Gateway implements Service {
  readonly name = 'gateway';
  readonly #options: GatewayOptions;
  readonly #context: GatewayContext;
  readonly #listeners: Listeners;
  readonly #recorder: Recorder;
  readonly #connections = new Set<DeviceConnection>();
  /** Connections that are admitted or on their way in, by the client id that the engine knows. */
  readonly #clients = new Map<string, DeviceConnection>();
  /** Sessions of revoked ones that the engine is asked to forget, by the same. */
  readonly #purges = new Map<string, Promise<void>>();
  #isEngineThere = true;
  #ports: ListeningPorts | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: GatewayOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    this.#options = options;
    this.#context = {
      gatewayId: options.id,
      authenticator: new Authenticator(options.pool),
      engine: options.engine,
      ingest: options.ingest,
      commands: options.commands ?? noCommands,
      quotas: options.quotas,
      clock: options.clock,
      log: options.log,
      limits,
      budget: new MemoryBudget(limits.totalBytes),
      door: new Slots(MOST_ENTERING),
      connections: () => this.#connections.size,
      hasMoved: (session, connectionId) => this.#hasMoved(session, connectionId),
    };
    this.#recorder = new Recorder(this.#context, ({ grant, clientId }, since) =>
      hasConnected(options.pool, { organizationId: grant.organizationId, clientId, since }),
    );
    this.#listeners = new Listeners(
      { ...options.listen, packetBytes: limits.messageBytes + PACKET_OVERHEAD_BYTES, log: options.log },
      (socket, from) => {
        if (this.#connections.size >= limits.connections) {
          socket.on('error', () => {});
          socket.destroy();
          return;
        }
        this.#connections.add(
          new DeviceConnection(socket, from, this.#context, {
            replaces: ({ engineClientId }) => this.#clients.has(engineClientId),
            entering: (connection, session) => this.#entering(connection, session),
            accepted: () => this.#engineIs(true),
            admitted: (connection, session) => this.#recorder.admitted(connection, session),
            refused: (connection, refusal) => this.#recorder.refused(connection, refusal),
            ended: (connection, ending) => this.#ended(connection, ending),
          }),
        );
      },
      () => this.#recheckCertificates(),
    );
  }

  /** What is listened on; known once started. */
  get ports(): ListeningPorts {
    if (!this.#ports) throw new Error('the gateway has not started');
    return this.#ports;
  }

  get status(): { connections: number; heldBytes: number; certificate: CertificateStatus | undefined } {
    return {
      connections: this.#clients.size,
      heldBytes: this.#context.budget.used,
      certificate: this.#listeners.certificate,
    };
  }

  async start(): Promise<void> {
    const { pool, id, isAlone } = this.#options;
    if (isAlone) await forgetOtherConnections(pool, id);
    this.#ports = await this.#listeners.open();
    // What arrived while this process stood still is read first: then nobody is taken for silent who was not.
    this.#sweep = setInterval(() => setImmediate(() => this.#checkAll()), SWEEP_MS);
  }

  /**
   * Takes nobody new, acknowledges what has been received, and says goodbye to the engine for everyone, so that no
   * will is published.
   */
  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    const closed = this.#listeners.close();
    const drained = Promise.all([...this.#connections].map((connection) => connection.drained()));
    await within(DRAIN_MS, drained).catch(() => {
      this.#options.log.warn({}, 'not everything could be acknowledged; clients will send the rest again');
    });
    for (const connection of this.#connections) {
      connection.end({ reason: 'shutdown', detail: '', manner: 'closed' });
    }
    this.#recorder.stop();
    const timer = setTimeout(() => this.#listeners.cutOff(), GOODBYE_MS);
    await closed;
    clearTimeout(timer);
  }

  /** To be called for each announcement on the channel `changes`. */
  changed(change: AnnouncedChange): void {
    if (change.table === 'mqtt_credentials' && change.username) {
      this.#context.authenticator.credentialChanged(change.username);
      this.#recheck([change.username]);
    } else if (change.table === 'mqtt_connections' && change.id) {
      this.#disconnect(new Set([change.id]));
    } else if (change.table === 'device_integrations' && change.id) {
      const { id } = change;
      this.#context.authenticator.integrationChanged(id).catch(() => {});
      this.#recheck(this.#usernames(({ credential }) => credential.integration.id === id));
    }
  }

  /** Announcements may have been missed: everything that is remembered is looked up again. */
  allChanged(): void {
    this.#context.authenticator.allChanged();
    askedToDisconnect(this.#options.pool, this.#context.gatewayId).then(
      (ids) => this.#disconnect(ids),
      () => {},
    );
    this.#recheck(this.#usernames(() => true));
  }

  /** Of the clients that are in. */
  #usernames(which: (session: Session) => boolean): string[] {
    const usernames = new Set<string>();
    for (const { session } of this.#clients.values())
      if (session && which(session)) usernames.add(session.credential.username);
    return [...usernames];
  }

  /** After an outage of ours: connections that stand say once more that their devices are there. */
  connectionsStand(): void {
    for (const connection of this.#clients.values()) this.#recorder.stands(connection);
  }

  /** This process was taken for gone, and its connections were taken off the list: they stand. */
  wasForgotten(): void {
    for (const connection of this.#clients.values()) this.#recorder.listed(connection);
    this.connectionsStand();
  }

  /** Taken over here and not by the engine: so each of two with one client id is told why it goes. */
  #entering(connection: DeviceConnection, session: Session): Entrance {
    const before = this.#clients.get(session.engineClientId);
    this.#clients.set(session.engineClientId, connection);
    // Its credential has changed since it was looked at: this one was not yet among those that are looked at again.
    if (!this.#context.authenticator.isCurrent(session.credential))
      this.#recheck([session.credential.username]);
    const cleared = this.#purges.get(session.engineClientId);
    if (!before) return { devices: [], cleared };
    const { devices } = before;
    before.end({ reason: 'taken_over', detail: '', manner: 'taken_over' });
    return { devices, cleared };
  }

  #ended(connection: DeviceConnection, ending: Ending & { wasOpen: boolean }): void {
    this.#connections.delete(connection);
    const { session } = connection;
    if (!session) return;
    if (this.#clients.get(session.engineClientId) === connection)
      this.#clients.delete(session.engineClientId);
    if (ending.reason === 'engine_unavailable') this.#engineIs(false);
    if (ending.wasOpen) this.#recorder.ended(connection, session, ending);
  }

  /** Looks whether another gateway has listed the client; if nobody can say, it is as if there was one. */
  async #hasMoved({ grant, clientId }: Session, connectionId: string): Promise<boolean> {
    const { pool, isAlone } = this.#options;
    const client = { organizationId: grant.organizationId, clientId, besides: connectionId };
    for (let look = 0; !isAlone && look < LOOKS; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (await isConnected(pool, client).catch(() => false)) return true;
    }
    return false;
  }

  #engineIs(there: boolean): void {
    if (!there) this.#options.onEngineAway?.();
    else if (!this.#isEngineThere) this.#options.onEngineBack?.();
    this.#isEngineThere = there;
  }

  #checkAll(): void {
    const now = this.#context.clock.now();
    for (const connection of this.#connections) {
      connection.checkAlive();
      const { session, certificate } = connection;
      if (session?.credential.expiresAt !== undefined && session.credential.expiresAt <= now)
        this.#revoke(connection);
      else if (session && certificate && certificate.expiresAt <= now)
        connection.end({ reason: 'certificate_expired', detail: '', manner: 'lost' });
    }
  }

  /** Ends the connections whose client certificate was revoked, also of those that have not said CONNECT yet. */
  #recheckCertificates(): void {
    for (const connection of this.#connections) {
      const { certificate } = connection;
      if (certificate && this.#listeners.isRevoked(certificate))
        this.#revoke(connection, activityReasons.certificate_revoked);
    }
  }

  /** Ends the connections whose credential lets them in no longer. */
  #recheck(usernames: readonly string[]): void {
    const affected = [...this.#clients.values()].filter(
      ({ session }) => session && usernames.includes(session.credential.username),
    );
    if (affected.length === 0) return;
    this.#context.authenticator.current(usernames).then(
      (credentials) => {
        for (const connection of affected) {
          const { credential } = connection.session!;
          const now = credentials.get(credential.username);
          const same = now?.id === credential.id && now.passwordHash === credential.passwordHash;
          if (!now || !same || standing(now) || now.externalDeviceId !== credential.externalDeviceId)
            this.#revoke(connection);
          else credential.expiresAt = now.expiresAt;
        }
      },
      (error) => {
        this.#options.log.warn(
          { error: String(error) },
          'credentials could not be checked again; trying once more',
        );
        setTimeout(() => this.#recheck(usernames), 1000).unref();
      },
    );
  }

  /** Admins have asked for it. Whoever watches is told as of any client that is gone: by its will. */
  #disconnect(ids: ReadonlySet<string>): void {
    for (const connection of this.#clients.values()) {
      if (ids.has(connection.id))
        connection.end({ reason: 'disconnected_by_admin', detail: '', manner: 'lost' });
    }
  }

  #revoke(connection: DeviceConnection, detail = ''): void {
    const { session } = connection;
    connection.end({ reason: 'revoked', detail, manner: 'lost' });
    if (session) this.#purge(connection, session.engineClientId);
  }

  /** Whoever comes with this client id is let in behind it: the purge would end that one's connection. */
  #purge(connection: DeviceConnection, clientId: string): void {
    const purged = connection
      .leftEngine()
      .then(() => this.#context.engine.purge(clientId))
      .catch((error) => {
        this.#options.log.error(
          { error: String(error) },
          'the session of a revoked credential could not be purged',
        );
      })
      .finally(() => {
        if (this.#purges.get(clientId) === purged) this.#purges.delete(clientId);
      });
    this.#purges.set(clientId, purged);
  }
}

const noCommands: CommandEvents = { delivered() {}, handedOver() {}, listening() {} };
