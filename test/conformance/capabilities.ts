/**
 * What one engine does and another can't, in the words of docs/engines.md. The suite asks here what to expect, so an
 * engine that can more or less than is written fails.
 */
export const capabilities = {
  mqtt5: 'Clients may speak MQTT 5, and share subscriptions',
  keepsUnsaved: 'What it has acknowledged is there again after it was killed',
  silentEnds: 'A stop or a purge ends connections without publishing their wills',
  anyUnicode: 'A topic may hold control characters and non-characters of Unicode, but for NUL',
  highestQoS: 'A message that several subscriptions of a client match comes with the highest QoS of theirs',
} as const;

export type Capability = keyof typeof capabilities;
export type Can = Readonly<Record<Capability, boolean>>;

/** By the column of the table. */
export const engines = {
  embedded: { mqtt5: false, keepsUnsaved: true, silentEnds: true, anyUnicode: true, highestQoS: true },
  mosquitto: { mqtt5: true, keepsUnsaved: false, silentEnds: false, anyUnicode: false, highestQoS: false },
} as const satisfies Record<string, Can>;
