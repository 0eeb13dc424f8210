import { describe, expect, it } from 'vitest';
import { webhookSample } from '../../test/support/samples.ts';
import { readPosted } from './webhook-forms.ts';

const read = (body: unknown, headers: Record<string, string> = {}) =>
  readPosted(body, (name) => headers[name], { emqx4Payload: 'auto' });

describe('the confirmation of a destination', () => {
  const { body, headers } = webhookSample('aws-confirm');

  it('is asked of AWS', () => {
    expect(read(body, headers)).toEqual({ form: 'aws_confirmation', enableUrl: body.enableUrl });
  });

  it.each([
    'http://iot.eu-central-1.amazonaws.com/confirm',
    'https://iot.eu-central-1.amazonaws.com.example.com/confirm',
    'https://iot.eu-central-1.amazonaws.com:8443/confirm',
    'https://user@iot.eu-central-1.amazonaws.com/confirm',
    'https://127.0.0.1/confirm?iot.eu-central-1.amazonaws.com',
    'https://s3.eu-central-1.amazonaws.com/confirm',
    'file:///etc/passwd',
    'nonsense',
    '',
    undefined,
  ])('is asked of nobody else: %s', (enableUrl) => {
    expect(() => read({ ...body, enableUrl }, headers)).toThrow(/not one of AWS/);
  });
});

describe('what is posted', () => {
  it.each([
    ['emqx5', webhookSample('emqx5'), 'emqx5'],
    ['emqx4', webhookSample('emqx4'), 'emqx4'],
    ['vernemq', webhookSample('vernemq'), 'vernemq'],
    ['a batch', webhookSample('generic-batch'), 'generic'],
  ])('%s is recognised by itself', (_, { body, headers }, form) => {
    expect(read(body, headers)).toMatchObject({ form });
  });

  it('keeps bytes as they are', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const payload_base64 = Buffer.from(bytes).toString('base64');
    expect(read({ topic: 't', payload_base64 })).toMatchObject({ messages: [{ payload: bytes }] });
    expect(read({ event: 'message.publish', id: '1', topic: 't', payload_base64 })).toMatchObject({
      messages: [{ payload: bytes }],
    });
  });

  it('takes what EMQX does not know for nothing', () => {
    const { body } = webhookSample('emqx5');
    expect(read({ ...body, id: 'undefined', clientid: 'undefined' })).toMatchObject({
      messages: [{ id: undefined, clientId: '' }],
    });
  });
});
