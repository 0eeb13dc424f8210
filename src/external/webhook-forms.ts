import { MOST_MESSAGES, webhookMessage } from '../contract/webhook.ts';
import { fromBase64 } from '../service/base64.ts';
import { PlatformError } from '../service/errors.ts';

/** The bodies that brokers and programs POST, and how each of them wants to be answered. Portable. */

/** One message as it was posted. */
export interface PostedMessage {
  id?: string;
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
  clientId: string;
  sentAt?: { time: number | string; by: 'device' | 'broker' };
  /** From a forwarder, which got it over MQTT. */
  mqtt?: { packetId: number; dup: boolean; isRetainedCopy: boolean };
}

/** What could not be read as one. */
export interface UnreadableMessage {
  id?: string;
  problem: string;
}

export interface Posted {
  form: 'emqx5' | 'emqx4' | 'vernemq' | 'generic';
  messages: (PostedMessage | UnreadableMessage)[];
}

/** AWS IoT asks whether the URL is ours to post to. */
export interface DestinationConfirmation {
  form: 'aws_confirmation';
  enableUrl: string;
}

type Body = Record<string, unknown>;
const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown) => (typeof value === 'string' && value !== 'undefined' ? value : undefined);
const utf8 = new TextEncoder();

/**
 * Recognises the sender by what it posts. Whatever `isConfirmation` is true of is a confirmation or refused.
 * @param header by lower-case name
 * @throws PlatformError `unprocessable` for a form that none of them has, `payload_too_large` beyond MOST_MESSAGES
 */
export function readPosted(
  body: unknown,
  header: (name: string) => string | undefined,
  options: { emqx4Payload: 'auto' | 'text' | 'base64' },
): Posted | DestinationConfirmation {
  // Before all others: it is the one that needs no token.
  if (isConfirmation(header)) return confirmation(body);
  const hook = header('vernemq-hook');
  if (hook !== undefined) return { form: 'vernemq', messages: fromVerneMq(hook, body) };
  if (Array.isArray(body)) return { form: 'generic', messages: fromGeneric(body) };
  if (!isObject(body)) throw unprocessable('it is neither an object nor a list of messages');
  if (body.event === 'message.publish' || isObject(body.flags)) {
    return { form: 'emqx5', messages: [fromEmqx5(body)] };
  }
  if (typeof body.action === 'string' && body.topic === undefined && body.messages === undefined) {
    // Clients that come and go: nothing to store.
    return { form: 'emqx4', messages: [] };
  }
  if (body.action === 'message_publish') {
    return { form: 'emqx4', messages: [fromEmqx4(body, options.emqx4Payload)] };
  }
  if (Array.isArray(body.messages)) return { form: 'generic', messages: fromGeneric(body.messages) };
  if ('topic' in body) return { form: 'generic', messages: fromGeneric([body]) };
  throw unprocessable('it has neither topic nor messages');
}

function fromGeneric(messages: unknown[]): Posted['messages'] {
  if (messages.length === 0) throw unprocessable('messages is empty');
  if (messages.length > MOST_MESSAGES) {
    throw new PlatformError('payload_too_large', `${MOST_MESSAGES} messages can be posted at once.`);
  }
  return messages.map((given) => {
    const parsed = webhookMessage.safeParse(given);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const place = issue!.path.join('.');
      const id = isObject(given) ? text(given.id)?.slice(0, 200) : undefined;
      return { id, problem: place ? `${place}: ${issue!.message}` : issue!.message };
    }
    const { id, topic, payload, payload_base64, timestamp, qos = 1, retain = false, client_id } = parsed.data;
    const { packet_id: packetId = 0, dup = false, retained_copy: isRetainedCopy = false } = parsed.data;
    return {
      id,
      topic,
      payload: payload_base64 === undefined ? bytesOf(payload) : fromBase64(payload_base64)!,
      qos,
      retain,
      clientId: client_id ?? '',
      sentAt: timestamp === undefined ? undefined : { time: timestamp, by: 'device' },
      mqtt: { packetId, dup, isRetainedCopy },
    };
  });
}

/** EMQX 5: the columns of the rule. A text that its sender did not have is `undefined`, as a text. */
function fromEmqx5(body: Body): PostedMessage | UnreadableMessage {
  const id = text(body.id)?.slice(0, 200);
  const encoded = text(body.payload_base64);
  const payload = encoded === undefined ? bytesOf(body.payload ?? '') : fromBase64(encoded);
  const flags = isObject(body.flags) ? body.flags : {};
  return checked(id, {
    id,
    topic: body.topic,
    payload,
    qos: body.qos,
    retain: flags.retain,
    clientId: body.clientid,
    at: body.publish_received_at ?? body.timestamp,
  });
}

function fromEmqx4(body: Body, encoding: 'auto' | 'text' | 'base64'): PostedMessage | UnreadableMessage {
  const given = typeof body.payload === 'string' ? body.payload : JSON.stringify(body.payload ?? '');
  return checked(undefined, {
    topic: body.topic,
    payload: decodeEmqx4(given, encoding),
    qos: body.qos,
    retain: body.retain,
    clientId: body.from_client_id,
    at: body.ts,
  });
}

function decodeEmqx4(given: string, encoding: 'auto' | 'text' | 'base64'): Uint8Array | undefined {
  if (encoding === 'text') return utf8.encode(given);
  if (encoding === 'base64') return fromBase64(given);
  try {
    JSON.parse(given);
    return utf8.encode(given);
  } catch {
    return fromBase64(given) ?? utf8.encode(given);
  }
}

const verneMqHooks = /^(auth_)?on_publish(_m5)?$/;

function fromVerneMq(hook: string, body: unknown): Posted['messages'] {
  if (!verneMqHooks.test(hook)) throw unprocessable(`the hook ${hook} publishes nothing: use on_publish`);
  if (!isObject(body)) throw unprocessable('it is no object');
  const payload = fromBase64(text(body.payload) ?? '');
  return [
    checked(undefined, {
      topic: body.topic,
      payload,
      qos: body.qos,
      retain: body.retain,
      clientId: body.client_id,
    }),
  ];
}

/** What brokers say in their own words, as one of our messages. */
function checked(
  id: string | undefined,
  given: {
    id?: string;
    topic: unknown;
    payload: Uint8Array | undefined;
    qos: unknown;
    retain: unknown;
    clientId: unknown;
    at?: unknown;
  },
): PostedMessage | UnreadableMessage {
  const { topic, payload, qos, retain, clientId, at } = given;
  if (typeof topic !== 'string' || topic === '') return { id, problem: 'topic: is missing' };
  if (!payload) return { id, problem: 'payload: is not base64' };
  return {
    id,
    topic,
    payload,
    qos: qos === 0 || qos === 2 ? qos : 1,
    retain: retain === true || retain === 1,
    clientId: text(clientId) ?? '',
    sentAt: typeof at === 'number' ? { time: at, by: 'broker' } : undefined,
  };
}

export function isConfirmation(header: (name: string) => string | undefined): boolean {
  return header('x-amz-rules-engine-message-type') === 'DestinationConfirmation';
}

/** Only AWS's own hosts are asked: the URL comes from whoever posts. */
const awsHost = /^iot\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com(\.cn)?$/;

function confirmation(body: unknown): DestinationConfirmation {
  const enableUrl = isObject(body) ? text(body.enableUrl) : undefined;
  const url = enableUrl !== undefined && URL.canParse(enableUrl) ? new URL(enableUrl) : undefined;
  const isAws = url?.protocol === 'https:' && awsHost.test(url.hostname) && url.port === '' && !url.username;
  if (!url || !isAws)
    throw unprocessable('enableUrl is not one of AWS IoT (https://iot.<region>.amazonaws.com)');
  return { form: 'aws_confirmation', enableUrl: url.href };
}

function bytesOf(payload: unknown): Uint8Array {
  return utf8.encode(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

function unprocessable(why: string): PlatformError {
  return new PlatformError('unprocessable', `The body is in no form that is known here: ${why}.`);
}
