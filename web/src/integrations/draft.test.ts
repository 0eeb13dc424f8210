import { describe, expect, it } from 'vitest';
import { brokerBody, brokerDraft, decodingBody, decodingOf, topicRow, topicsBody } from './draft.ts';
import { withSecrets } from './secrets.ts';

describe('a decoder', () => {
  it('has its settings only where it takes some', () => {
    const auto = decodingOf();
    expect(decodingBody(auto)).toEqual({ body: { decoder: 'auto' } });
    expect(decodingBody({ ...auto, decoder: 'expression', expression: 'a.b' })).toEqual({
      body: { decoder: 'expression', decoder_settings: { expression: 'a.b' } },
    });
    expect(decodingBody({ ...auto, decoder: 'hex' })).toMatchObject({ body: { decoder: 'hex' } });
  });

  it('says in words what is wrong with them', () => {
    const hex = { ...decodingOf(), decoder: 'hex' } as const;
    expect(decodingBody({ ...hex, template: '{' })).toEqual({ problem: 'This is no valid JSON' });
    expect(decodingBody({ ...hex, template: '{}' })).toEqual({
      problem: 'A template needs a list of fields',
    });
    expect(decodingBody({ ...hex, decoder: 'expression', expression: ' ' })).toHaveProperty('problem');
  });
});

describe('a broker', () => {
  const kept = {
    url: 'mqtts://broker.example.com',
    username: 'plant',
    protocol_version: '3.1.1',
    client_id: 'ours',
    keep_alive_seconds: 30,
    ca: '-----BEGIN CERTIFICATE-----',
    has_password: true,
    has_client_key: false,
  } as const;

  it('is sent whole, without the secrets that were not typed', () => {
    const { has_password, has_client_key, ...open } = kept;
    expect(JSON.parse(JSON.stringify(brokerBody(brokerDraft(kept))))).toEqual(open);
  });

  it('is sent with those that were', () => {
    const draft = { ...brokerDraft(kept), password: ' spaces stay ', url: ' mqtt://other ' };
    expect(brokerBody(draft)).toMatchObject({ password: ' spaces stay ', url: 'mqtt://other' });
  });
});

it('keeps what a topic has beyond what is edited', () => {
  const topic = { topic: ' a/{device} ', decoder: 'hex', decoder_settings: { fields: [] } } as const;
  expect(topicsBody([topicRow({ ...topic, decoder_settings: { fields: [] } })])).toEqual([
    { ...topic, topic: 'a/{device}' },
  ]);
});

it('puts secrets in their places as they are', () => {
  const token = '$&-$1';
  const secrets = { token, signing_secret: null, bridge: { username: 'nn', password: "p'w" } };
  expect(withSecrets('?token=<token> <token> <password>', secrets)).toBe(`?token=${token} ${token} p'w`);
  expect(withSecrets('<token>', undefined)).toBe('<token>');
});
