import { randomUUID } from 'node:crypto';
import { Consumer } from '../mqtt/consumer.ts';
import type { ConsumerOptions, ReceivedMessage } from '../mqtt/consumer-options.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { pause } from '../service/pause.ts';
import { consumerProblem } from './consumer-problem.ts';

/** In one POST, at most; the webhook takes 1,000 messages and 4 MiB. */
const MOST_MESSAGES = 500;
const MOST_BYTES = 1024 * 1024;
/** Messages that wait here unacknowledged; the rest wait in the broker's session. */
const RECEIVE_MAXIMUM = 5000;
const SESSION_EXPIRY_SECONDS = 7 * 86_400;
const POST_TIMEOUT_MS = 20_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

interface Waiting {
  message: ReceivedMessage;
  id: string;
}

export interface ForwarderOptions
  extends Pick<
    ConsumerOptions,
    'open' | 'protocolVersion' | 'clientId' | 'username' | 'password' | 'subscriptions' | 'keepAliveSeconds'
  > {
  /** Of the integration, and its token. */
  webhookUrl: string;
  token: string;
  log: Logger;
  fetch: typeof fetch;
}

/**
 * Subscribes at a broker and posts what comes to the webhook, in order, one batch after the other. The broker gets its
 * acknowledgement when the webhook has answered that the messages are committed; until then they are the broker's.
 */
export class Forwarder implements Service {
  readonly name = 'forwarder';
  readonly #options: ForwarderOptions;
  readonly #consumer: Consumer;
  /** Before the numbers of messages in their ids: they are this run's. */
  readonly #name = randomUUID();
  #received = 0;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  /** Messages that the webhook has taken. */
  forwarded = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { log } = options;
    this.#consumer = new Consumer({
      ...options,
      receiveMaximum: RECEIVE_MAXIMUM,
      sessionExpirySeconds: SESSION_EXPIRY_SECONDS,
      onMessage: (message) => {
        this.#received += 1;
        this.#waiting.push({ message, id: `${this.#name}/${this.#received}` });
        this.#running ??= this.#run();
      },
      onState(state) {
        if (state.state === 'connected') {
          const refused = state.refused.map(({ filter }) => filter);
          if (refused.length > 0)
            log.error({ refused }, 'the broker refused topics: give this user the right to read them');
          else log.info({ topics: options.subscriptions.length }, 'connected to the broker');
        } else if (state.state === 'retrying' || state.state === 'refused') {
          const { message, advice } = consumerProblem(state, options.protocolVersion);
          const seconds = Math.round((state.nextTryAt - Date.now()) / 1000);
          log.warn({ advice, seconds }, `not connected to the broker: ${message}`);
        }
      },
      onOversized: (topic, bytes) =>
        log.error({ topic, bytes }, 'a message is too large to be forwarded, and passed over'),
    });
  }

  async start(): Promise<void> {
    this.#consumer.start();
  }

  /** What was not taken stays in the broker's session. */
  async stop(): Promise<void> {
    const drained = this.#consumer.stop(POST_TIMEOUT_MS / 10);
    this.#stopping.abort();
    await Promise.all([drained, this.#running]);
  }

  async #run(): Promise<void> {
    // What the broker sends in one go belongs in one batch.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0 && !this.#stopping.signal.aborted) await this.#forward(this.#take());
    this.#running = undefined;
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { message } of this.#waiting) {
      bytes += message.payload.length;
      count += 1;
      if (count >= MOST_MESSAGES || bytes >= MOST_BYTES) break;
    }
    return this.#waiting.splice(0, count);
  }

  /** Until the webhook has taken them. What it will never take is passed over, said so, and holds up nobody. */
  async #forward(batch: Waiting[]): Promise<void> {
    const { log } = this.#options;
    let wait = FIRST_WAIT_MS;
    while (!this.#stopping.signal.aborted) {
      const answer = await this.#post(batch).catch((error: Error) => error);
      if (!(answer instanceof Error) && answer.ok) {
        for (const { message } of batch) message.acknowledge();
        this.forwarded += batch.length;
        return;
      }
      if (!(answer instanceof Error) && (answer.status === 413 || answer.status === 422)) {
        return this.#passOver(batch, answer);
      }
      const status = answer instanceof Error ? String(answer.cause ?? answer.message) : answer.status;
      const after = answer instanceof Error ? undefined : Number(answer.headers.get('retry-after')) * 1000;
      log.warn(
        { status, messages: batch.length },
        reasons[String(status)] ?? 'the webhook did not take messages: they wait',
      );
      await pause(Math.max(after || 0, wait) * (0.75 + Math.random() / 2), this.#stopping.signal);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  async #passOver(batch: Waiting[], answer: Response): Promise<void> {
    if (batch.length > 1) {
      const middle = batch.length >> 1;
      await this.#forward(batch.slice(0, middle));
      return this.#forward(batch.slice(middle));
    }
    const { message } = batch[0]!;
    this.#options.log.error(
      { topic: message.topic, status: answer.status },
      'the webhook can’t take a message: passed over',
    );
    message.acknowledge();
  }

  #post(batch: Waiting[]): Promise<Response> {
    const { webhookUrl, token, clientId, fetch: send } = this.#options;
    const messages = batch.map(({ id, message: { topic, payload, qos, retain, dup, packetId } }) => ({
      // By it the webhook knows what we post again, and by the next two what the broker sends again.
      id,
      packet_id: packetId || undefined,
      dup: dup || undefined,
      topic,
      payload_base64: payload.toString('base64'),
      qos,
      client_id: clientId,
      retained_copy: retain || undefined,
    }));
    return send(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ messages }),
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(POST_TIMEOUT_MS), this.#stopping.signal]),
    });
  }
}

const reasons: Record<string, string> = {
  401: 'the webhook refuses the token: set FORWARD_TOKEN to one that is good; messages wait',
  404: 'there is no such webhook, or it is stopped: check FORWARD_WEBHOOK_URL; messages wait',
};
