/** What is known of an integration when its setup is made. Texts may be anything that people typed. */
export interface SetupInput {
  mode: 'webhook' | 'subscribe' | 'bridge' | 'forward';
  organizationId: string;
  integrationId: string;
  integrationName: string;
  /** Filters that the integration expects, with `{device}` already replaced by `+`: `devices/+/telemetry`. */
  filters: string[];
  /** Filter of the topics that commands are published to; none are sent without. */
  commandFilter?: string;
  /** Whether commands go to a broker that the integration names. */
  hasBroker?: boolean;
  /** Webhook and forwarder: `https://host/functions/v1/mqtt-listener/{integration}`. */
  webhookUrl?: string;
  /** Shown once; where it isn't known any more, `<token>` stands in its place. */
  token?: string;
  /** Bridge: our hosted broker. */
  host?: string;
  mqttPort?: number;
  /** Preferred over `mqttPort`. */
  mqttsPort?: number;
  username?: string;
  /** Shown once, as the token: else `<password>`. */
  password?: string;
}

export interface SetupFile {
  name: string;
  language: 'conf' | 'json' | 'sh' | 'sql' | 'http' | 'hocon';
  text: string;
}

/** What one broker needs, to copy or download. */
export interface SetupGuide {
  broker: 'mosquitto' | 'emqx5' | 'emqx4' | 'vernemq' | 'aws_iot' | 'hivemq' | 'generic';
  title: string;
  /** Short sentences, in order: what to do with the files. */
  steps: string[];
  files: SetupFile[];
  /** The honest limits of this way. */
  notes: string[];
}

/** Noted of a broker that we could not run. */
export const notRun = (broker: string) => `Made after the documentation of ${broker}; not run in our tests.`;

/** Lines of a file, with the line feed that ends the last one. */
export const lines = (...parts: (string | string[])[]) => `${parts.flat().join('\n')}\n`;

/** Where Debian, Ubuntu and Alpine keep the certificates of public authorities. */
export const publicAuthorities = '/etc/ssl/certs/ca-certificates.crt';
