import { devicesPrefix, parseDeviceTopic } from '../domain/hosted-topic.ts';
import type { Microseconds } from '../domain/time.ts';
import type { DeviceConnection } from './connection.ts';
import type { Ending, GatewayContext, Session, SessionWill } from './context.ts';
import { DelayedWills } from './delayed-wills.ts';
import { COMMIT, HeldMessage } from './held.ts';
import type { Refusal } from './refusals.ts';

/** Tells owners what became of their connections, and presence what that means for devices. */
export class Recorder {
  readonly #context: GatewayContext;
  readonly #wills: DelayedWills;

  /** @param isBack as DelayedWills asks it */
  constructor(context: GatewayContext, isBack: ConstructorParameters<typeof DelayedWills>[0]) {
    this.#context = context;
    this.#wills = new DelayedWills(isBack);
  }

  stop(): void {
    this.#wills.stop();
  }

  admitted(connection: DeviceConnection, session: Session): void {
    const { ingest, clock } = this.#context;
    const at = clock.receiveTime();
    this.#wills.returned(session);
    ingest.journal.activity({ ...this.#who(connection, session), at, event: 'connected' });
    this.#list(connection, session, at);
  }

  /** It is to be among the connections that stand, once more. */
  listed(connection: DeviceConnection): void {
    const { session } = connection;
    if (session) this.#list(connection, session, this.#context.clock.receiveTime());
  }

  #list(connection: DeviceConnection, session: Session, at: Microseconds): void {
    const { ingest, gatewayId } = this.#context;
    ingest.journal.opened({
      id: connection.id,
      organizationId: session.grant.organizationId,
      credentialId: session.credential.id,
      gatewayId,
      clientId: session.clientId,
      protocolLevel: session.protocolLevel,
      transport: connection.transport,
      remoteAddress: connection.remoteAddress,
      connectedAt: at,
    });
  }

  stands({ devices, session }: DeviceConnection): void {
    if (!session) return;
    const { ingest, clock } = this.#context;
    for (const device of devices) {
      ingest.signal({ source: session.source, device, connection: 'connected', at: clock.receiveTime() });
    }
  }

  refused(connection: DeviceConnection, refusal: Refusal): void {
    const { reason, detail, credential, integration, clientId, topic } = refusal;
    const { remoteAddress } = connection;
    // Without a credential there is no organization to tell.
    if (!integration) {
      this.#context.log.info({ reason, detail, remoteAddress }, 'a client was refused');
      return;
    }
    if (refusal.isKnown) return;
    const { ingest, clock } = this.#context;
    ingest.journal.activity({
      integration,
      at: clock.receiveTime(),
      event: 'connect_refused',
      reason,
      detail,
      credentialId: credential?.id,
      username: credential?.username,
      clientId,
      remoteAddress,
      topic,
    });
  }

  ended(connection: DeviceConnection, session: Session, ending: Ending): void {
    const { ingest, clock } = this.#context;
    const at = clock.receiveTime();
    ingest.journal.closed(connection.id);
    ingest.journal.activity({
      ...this.#who(connection, session),
      at,
      event: 'disconnected',
      reason: ending.reason,
      detail: ending.detail,
    });
    // Our own restart or outage says nothing about devices, and one that came back is there.
    const { reason, manner } = ending;
    if (reason === 'shutdown' || reason === 'engine_unavailable' || manner === 'taken_over') return;
    for (const device of connection.devices) {
      ingest.signal({
        source: session.source,
        device,
        connection: ending.manner === 'closed' ? 'closed' : 'lost',
        at,
      });
    }
    const { will } = session;
    if (!will || ending.manner !== 'lost' || ending.reason === 'revoked') return;
    if (will.delaySeconds === 0) this.#storeWill(session, will);
    else this.#wills.add(session, will, () => this.#storeWill(session, will));
  }

  /** The engine publishes the will to subscribers; what it says of the device is stored here. */
  #storeWill({ grant, integration, source }: Session, will: SessionWill): void {
    // A bridge's tells of the bridge.
    if (integration.patterns) return;
    const address = parseDeviceTopic(will.topic.slice(devicesPrefix(grant.organizationId).length));
    if (!address || (address.channel !== 'telemetry' && address.channel !== 'status')) return;
    const { ingest, clock } = this.#context;
    ingest.accept(
      new HeldMessage(
        { released() {} },
        {
          source,
          device: ingest.devices.ref(integration, address.externalDeviceId),
          channel: address.channel,
          topic: will.topic,
          payload: will.payload,
          qos: 0,
          retain: will.retain,
          dup: false,
          packetId: 0,
          receivedAt: clock.receiveTime(),
        },
        { waiting: COMMIT, keptBytes: will.payload.length },
      ),
    );
  }

  #who(connection: DeviceConnection, session: Session) {
    return {
      integration: session.integration,
      credentialId: session.credential.id,
      username: session.credential.username,
      clientId: session.clientId,
      remoteAddress: connection.remoteAddress,
    };
  }
}
