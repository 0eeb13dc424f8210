import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { readTlsFiles, type TlsPaths } from '../gateway/tls-files.ts';
import { type Networks, networks } from '../service/networks.ts';
import { StartupError } from '../service/startup-error.ts';

/**
 * Every setting there is, read from the environment. A description is what a bad value's message says
 * was expected; an empty value counts as none.
 */
export const settings = z.object({
  HOST: z.string().refine(isHost).default('127.0.0.1').describe('a host name or IP address to listen on'),
  HTTP_PORT: port(8080),
  MQTT_PORT: port(1883),
  MQTT_WS_PORT: port(9001),
  MQTTS_PORT: port(8883),
  MQTT_WSS_PORT: port(8084),
  TLS_CERT: z.string().optional().describe('the path of a PEM file with a certificate'),
  TLS_KEY: z.string().optional().describe('the path of a PEM file with its private key'),
  TLS_CLIENT_CA: z.string().optional().describe('the path of a PEM file with certificates of authorities'),
  TLS_CLIENT_CRL: z.string().optional().describe('the path of a PEM file with their revocation lists'),
  PROXY_PROTOCOL: z.enum(['on', 'off']).default('off').describe('on or off'),
  TRUSTED_PROXIES: z
    .string()
    .refine(areNetworks)
    .optional()
    .describe('addresses and networks with commas between them, as in 10.0.0.0/8,192.0.2.7'),
  DATA_DIR: z.string().default('./data').describe('a directory'),
  DATABASE_URL: url('postgres', 'postgresql').optional().describe('a postgresql:// URL'),
  ENGINE: z
    // The engine says what is wrong in a URL.
    .union([z.literal(['embedded', 'mosquitto']), z.string().regex(/^mqtts?:\/\//)])
    .default('embedded')
    .describe('embedded, mosquitto or an mqtt:// URL'),
  ENGINE_LISTEN: address()
    .default('127.0.0.1:1884')
    .describe('a host name or IP address and a port, such as 10.0.0.5:1884 or [fd00::5]:1884'),
  ENGINE_ADDRESS: address().optional().describe('the host:port that gateways reach the engine at'),
  PUBLIC_URL: url('http', 'https').optional().describe('the http:// or https:// URL that browsers use'),
  ADMIN_EMAIL: z.email().optional().describe('an e-mail address'),
  ADMIN_PASSWORD: z.string().min(10).max(128).optional().describe('10 to 128 characters'),
  SECRET_KEY: z.string().min(32).optional().describe('at least 32 random characters'),
  SUPABASE_URL: url('http', 'https').optional().describe('the URL of a Supabase project'),
  SUPABASE_JWT_SECRET: z.string().min(32).optional().describe('at least 32 characters'),
  SMTP_URL: url('smtp', 'smtps').optional().describe('an smtp:// or smtps:// URL'),
  SMTP_FROM: z
    .string()
    .regex(/^([^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
    .optional()
    .describe('an e-mail address, or a name and one: Alerts <alerts@example.org>'),
  ALLOW_PRIVATE_NETWORKS: z.stringbool().default(false).describe('true or false'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('debug, info, warn or error'),
  RETENTION_DAYS: whole(1, 36_500).default(1095).describe('a number of days from 1 to 36500'),
  ROLLUP_RETENTION_DAYS: whole(1, 36_500).default(3650).describe('a number of days from 1 to 36500'),
  // MQTT itself ends there: section 2.2.3 of 3.1.1, Remaining Length.
  MAX_MESSAGE_BYTES: whole(1, 268_435_455).default(262_144).describe('a number of bytes from 1 to 268435455'),
});

/** Shown by name only when they are wrong. */
const secrets = new Set([
  'DATABASE_URL',
  'ENGINE',
  'ADMIN_PASSWORD',
  'SECRET_KEY',
  'SUPABASE_JWT_SECRET',
  'SMTP_URL',
]);

/** Where one listens, or is reached. */
export interface Address {
  host: string;
  port: number;
}

export interface Config {
  /** What all listeners bind to. */
  host: string;
  /** TCP ports; 0 takes any that is free. */
  httpPort: number;
  mqttPort: number;
  mqttWsPort: number;
  /** MQTT over TLS and secure WebSocket, when there is a certificate. */
  tls: (TlsPaths & { port: number; wssPort: number }) | undefined;
  /** Whose word on a client's address is believed: X-Forwarded-For over HTTP. */
  trustedProxies: Networks;
  /** The same put PROXY protocol v2 before each connection for MQTT. */
  proxyProtocol: boolean;
  /** Absolute. */
  dataDir: string;
  /** Undefined: the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  /** An `mqtt://` URL, of one host or several, is a remote engine's. */
  engine: string;
  /** Where the role `engine` has its broker listen for gateways, and what it tells them of it if that is something else. */
  engineListen: Address;
  engineAddress: Address | undefined;
  /** Without a slash at its end. */
  publicUrl: string | undefined;
  /** The first owner, made if nobody is there. */
  admin: { email: string; password: string } | undefined;
  secretKey: string | undefined;
  supabaseUrl: string | undefined;
  supabaseJwtSecret: string | undefined;
  /** Where mail is handed over, and from whom it comes. */
  mail: { url: string; from: string } | undefined;
  /** Whether URLs that customers give may lead to private addresses. */
  allowPrivateNetworks: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  retentionDays: number;
  rollupRetentionDays: number;
  /** Largest payload of one message. */
  maxMessageBytes: number;
}

/**
 * Reads the configuration.
 * @throws StartupError with one line for each bad setting: its name, its value, what is expected
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const given = Object.keys(settings.shape).flatMap((name) => {
    const value = environment[name]?.trim();
    return value ? [[name, value] as const] : [];
  });
  const values = Object.fromEntries(given);
  const parsed = settings.safeParse(values);
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map((issue) => String(issue.path[0])));
    const complaints = [...names].map((name) => {
      const { description } = settings.shape[name as keyof typeof settings.shape];
      return complaint(name, values[name], `expected ${description}`);
    });
    throw new StartupError(complaints.join('\n'));
  }
  refuseOneWithoutTheOther(values, 'ADMIN_EMAIL', 'ADMIN_PASSWORD');
  refuseOneWithoutTheOther(values, 'TLS_CERT', 'TLS_KEY');
  refuseOneWithoutTheOther(values, 'SMTP_URL', 'SMTP_FROM');
  refuseWithout(values, 'TLS_CLIENT_CA', 'TLS_CERT');
  if (parsed.data.PROXY_PROTOCOL === 'on') refuseWithout(values, 'PROXY_PROTOCOL', 'TRUSTED_PROXIES');
  refuseWithout(values, 'TLS_CLIENT_CRL', 'TLS_CLIENT_CA');
  const config = named(parsed.data);
  refuseSamePort(config);
  if (config.tls) readTlsFiles(config.tls, (path) => readFileSync(path, 'utf8'));
  return config;
}

function named(values: z.infer<typeof settings>): Config {
  const { TLS_CERT, TLS_KEY, TLS_CLIENT_CA, TLS_CLIENT_CRL, ADMIN_EMAIL, ADMIN_PASSWORD } = values;
  const { SMTP_URL, SMTP_FROM } = values;
  return {
    host: values.HOST,
    httpPort: values.HTTP_PORT,
    mqttPort: values.MQTT_PORT,
    mqttWsPort: values.MQTT_WS_PORT,
    tls:
      TLS_CERT && TLS_KEY
        ? {
            port: values.MQTTS_PORT,
            wssPort: values.MQTT_WSS_PORT,
            certPath: resolve(TLS_CERT),
            keyPath: resolve(TLS_KEY),
            clientCaPath: TLS_CLIENT_CA && resolve(TLS_CLIENT_CA),
            clientCrlPath: TLS_CLIENT_CRL && resolve(TLS_CLIENT_CRL),
          }
        : undefined,
    trustedProxies: networks(values.TRUSTED_PROXIES ?? ''),
    proxyProtocol: values.PROXY_PROTOCOL === 'on',
    dataDir: resolve(values.DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    engine: values.ENGINE,
    engineListen: readAddress(values.ENGINE_LISTEN)!,
    engineAddress: values.ENGINE_ADDRESS === undefined ? undefined : readAddress(values.ENGINE_ADDRESS),
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, ''),
    admin: ADMIN_EMAIL && ADMIN_PASSWORD ? { email: ADMIN_EMAIL, password: ADMIN_PASSWORD } : undefined,
    secretKey: values.SECRET_KEY,
    supabaseUrl: values.SUPABASE_URL?.replace(/\/+$/, ''),
    supabaseJwtSecret: values.SUPABASE_JWT_SECRET,
    mail: SMTP_URL && SMTP_FROM ? { url: SMTP_URL, from: SMTP_FROM } : undefined,
    allowPrivateNetworks: values.ALLOW_PRIVATE_NETWORKS,
    logLevel: values.LOG_LEVEL,
    retentionDays: values.RETENTION_DAYS,
    rollupRetentionDays: values.ROLLUP_RETENTION_DAYS,
    maxMessageBytes: values.MAX_MESSAGE_BYTES,
  };
}

function complaint(name: string, value: string | undefined, reason: string): string {
  return secrets.has(name) ? `${name}: ${reason}` : `${name}=${value}: ${reason}`;
}

function refuseOneWithoutTheOther(values: Record<string, string>, one: string, other: string): void {
  refuseWithout(values, one, other);
  refuseWithout(values, other, one);
}

function refuseWithout(values: Record<string, string>, one: string, other: string): void {
  if (values[one] && !values[other])
    throw new StartupError(complaint(one, values[one], `needs ${other} too`));
}

function refuseSamePort(config: Config): void {
  const owners = new Map<number, string>();
  const ports: [string, number][] = [
    ['HTTP_PORT', config.httpPort],
    ['MQTT_PORT', config.mqttPort],
    ['MQTT_WS_PORT', config.mqttWsPort],
  ];
  if (config.tls) ports.push(['MQTTS_PORT', config.tls.port], ['MQTT_WSS_PORT', config.tls.wssPort]);
  for (const [name, number] of ports) {
    const owner = owners.get(number);
    if (number !== 0 && owner) throw new StartupError(`${name}=${number}: ${owner} has that port already`);
    owners.set(number, name);
  }
}

function port(fallback: number) {
  return whole(0, 65_535).default(fallback).describe('a port from 0 (any free one) to 65535');
}

function whole(least: number, most: number) {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(least).max(most));
}

function address() {
  return z.string().refine((text) => readAddress(text) !== undefined);
}

/** `host:port`; an IPv6 address in brackets. */
function readAddress(text: string): Address | undefined {
  const [, ipv6, name, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? name ?? '';
  const number = Number(digits);
  return isHost(host) && number > 0 && number <= 65_535 ? { host, port: number } : undefined;
}

function url(...schemes: string[]) {
  // `postgresql://user@/database?host=…` names no host before its path, which only PostgreSQL's tools read.
  const isUrl = (text: string) => URL.canParse(text.replace('@/', '@socket/'));
  return z
    .string()
    .refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)) && isUrl(text));
}

function areNetworks(text: string): boolean {
  try {
    networks(text);
    return true;
  } catch {
    return false;
  }
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text);
}
