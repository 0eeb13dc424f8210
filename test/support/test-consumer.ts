import { Consumer } from '../../src/mqtt/consumer.ts';
import type { ConsumerOptions, ConsumerState, ReceivedMessage } from '../../src/mqtt/consumer-options.ts';
import { BrokerSides } from './broker-side.ts';

type StateOf<Name extends ConsumerState['state']> = Extract<ConsumerState, { state: Name }>;

/** A consumer that keeps what it is told, and the broker's ends of its connections. */
export class TestConsumer {
  readonly consumer: Consumer;
  readonly broker: BrokerSides;
  /** States that no `state` has taken. */
  readonly states: ConsumerState[] = [];
  /** Every message so far. */
  readonly messages: ReceivedMessage[] = [];
  #told = Promise.withResolvers<void>();

  constructor(options: Partial<ConsumerOptions> = {}) {
    const protocolVersion = options.protocolVersion ?? 4;
    this.broker = new BrokerSides(protocolVersion);
    this.consumer = new Consumer({
      open: this.broker.open,
      protocolVersion,
      clientId: 'consumer',
      keepAliveSeconds: 60,
      receiveMaximum: 100,
      sessionExpirySeconds: 3600,
      subscriptions: ['a/#'],
      onMessage: (message) => {
        this.messages.push(message);
        this.#tell();
      },
      onState: (state) => {
        this.states.push(state);
        this.#tell();
      },
      ...options,
    });
  }

  /** Starts it and lets it in. @returns the broker's end */
  async connected() {
    this.consumer.start();
    const side = await this.broker.next();
    await side.admit();
    await this.state('connected');
    return side;
  }

  /** The next state of this name; those before it are dropped. */
  async state<Name extends ConsumerState['state']>(name: Name): Promise<StateOf<Name>> {
    for (;;) {
      const state = this.states.shift();
      if (state?.state === name) return state as StateOf<Name>;
      if (!state) await this.#told.promise;
    }
  }

  /** The first `count` messages, when there are as many. */
  async received(count: number): Promise<ReceivedMessage[]> {
    while (this.messages.length < count) await this.#told.promise;
    return this.messages.slice(0, count);
  }

  #tell(): void {
    this.#told.resolve();
    this.#told = Promise.withResolvers<void>();
  }
}
