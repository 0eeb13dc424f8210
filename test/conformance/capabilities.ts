/**
 * What one engine does and another can't, in the words of docs/engines.md. The suite asks here what to expect, so an
 * engine that can more or less than is written fails.
 */
export const capabilities = {
  qos2: 'Messages of QoS 2 arrive exactly once',
  keepsApart: 'It would keep organizations apart without the gateway too',
  dots: 'A topic may hold dots and spaces',
  mqtt5: 'Clients may speak MQTT 5, and share subscriptions',
  atOnce: 'Clients are let in and subscribed at the first try, also with a client id that was just in use',
  keepsUnsaved: 'What it has acknowledged is there again after it was killed',
  silentEnds: 'A stop or a purge ends connections without publishing their wills',
  anyUnicode: 'A topic may hold control characters and non-characters of Unicode, but for NUL',
  overlapsOnce: 'A message that several subscriptions of a client match comes once',
  highestQoS: 'A message that several subscriptions of a client match comes with the highest QoS of theirs',
} as const;

export type Capability = keyof typeof capabilities;
export type Can = Readonly<Record<Capability, boolean>>;

/** By the column of the table. */
export const engines = {
  embedded: {
    qos2: true,
    keepsApart: true,
    dots: true,
    mqtt5: false,
    atOnce: true,
    keepsUnsaved: true,
    silentEnds: true,
    anyUnicode: true,
    overlapsOnce: true,
    highestQoS: true,
  },
  mosquitto: {
    qos2: true,
    keepsApart: true,
    dots: true,
    mqtt5: true,
    atOnce: true,
    keepsUnsaved: false,
    silentEnds: false,
    anyUnicode: false,
    overlapsOnce: true,
    highestQoS: false,
  },
  NATS: {
    qos2: false,
    keepsApart: false,
    dots: false,
    mqtt5: false,
    atOnce: false,
    keepsUnsaved: true,
    silentEnds: true,
    anyUnicode: true,
    overlapsOnce: false,
    highestQoS: false,
  },
} as const satisfies Record<string, Can>;
