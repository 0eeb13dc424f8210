import { unlessAborted } from '../service/unless-aborted.ts';
import { ConsumerConnection } from './consumer-connection.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { MqttFailure } from './reasons.ts';
import { Window } from './window.ts';

/** Nothing should come in, for nothing is subscribed. */
const RECEIVE_MAXIMUM = 10;
const RECEIVED_BYTES = 1024 * 1024;

export type PublisherOptions = Pick<
  ConsumerOptions,
  'open' | 'protocolVersion' | 'clientId' | 'username' | 'password' | 'keepAliveSeconds'
>;

/** A connection that only publishes. */
export type Publisher = Pick<ConsumerConnection, 'publish' | 'isOpen' | 'ended' | 'close'>;

/**
 * Connects to a broker to publish and nothing else, with a session that ends with the connection.
 * @param signal gives up while it connects; a connection that is there is the caller's to close
 * @throws MqttFailure
 */
export async function connectPublisher(options: PublisherOptions, signal: AbortSignal): Promise<Publisher> {
  const opening = options.open(signal);
  const stream = await unlessAborted(opening, signal).catch((error) => {
    opening.then(
      (late) => late.destroy(),
      () => {},
    );
    if (signal.aborted) throw new MqttFailure('connect_timeout');
    throw new MqttFailure('unreachable', { detail: String(error?.message ?? error), cause: error });
  });
  const admitted = Promise.withResolvers<undefined>();
  const connection = new ConsumerConnection(stream, {
    consumer: {
      ...options,
      clean: true,
      sessionExpirySeconds: 0,
      receiveMaximum: RECEIVE_MAXIMUM,
      subscriptions: [],
      onMessage: (message) => message.acknowledge(),
      onState() {},
    },
    window: new Window(RECEIVE_MAXIMUM, RECEIVED_BYTES),
    onConnack: () => ({ subscribe: [], unsubscribe: [] }),
    onSubscribed: () => admitted.resolve(undefined),
  });
  const failure = await unlessAborted(Promise.race([admitted.promise, connection.ended]), signal).catch(
    () => {
      void connection.close(0);
      return new MqttFailure('connect_timeout');
    },
  );
  if (failure) throw failure;
  return connection;
}
