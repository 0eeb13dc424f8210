import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SetupFile, type SetupGuide, type SetupInput, setupGuides } from './setup.ts';

const modes = ['webhook', 'subscribe', 'bridge', 'forward'] as const;

const plain: Omit<SetupInput, 'mode'> = {
  organizationId: '0d9bf1c2-1111-4222-8333-444455556666',
  integrationId: 'a1b2c3d4-1111-4222-8333-444455556666',
  integrationName: 'Plant A',
  filters: ['devices/+/telemetry', 'devices/+/status'],
  commandFilter: 'devices/+/commands',
  webhookUrl: 'https://mqtt.example.com/functions/v1/mqtt-listener/a1b2c3d4',
  token: 'nnw_abc',
  host: 'mqtt.example.com',
  mqttPort: 1883,
  mqttsPort: 8883,
  username: 'plant-a',
  password: 'secret',
};

/** Valid MQTT filters, most of them, that mean something to one format or another. */
const hostileFilters = [
  'a/+\nlistener 1 0.0.0.0',
  'b/+\r\nallow_anonymous true',
  'c"/+/d", "#',
  "d'; touch /tmp/x; '/+",
  'e/$(touch /tmp/x)/+',
  'f/`id`/+',
  `g/\${HOME}/+`,
  'h\\/+\\',
  'i/+ both 2 "" x',
  'j/+,k/#',
  'l/+\u2028m',
  'n/ü/🌡/+',
  'o/\0/+',
  'p/\ud800/+',
  '# {',
  '/*/*/"""',
  'q/#/r',
  '',
];

const hostile: Omit<SetupInput, 'mode'> = {
  organizationId: 'x/devices/ \ntopic # both',
  integrationId: '../"\'\n$(id)',
  integrationName: 'Plant "A"\n[Service]\nExecStart=/bin/sh \'$(id)` \\',
  filters: [...plain.filters, ...hostileFilters],
  commandFilter: `a/+\nlistener 1 "'\${x}`,
  webhookUrl: 'https://host/a"b\'c $(id)\n`x`/{y}',
  token: 'a"b\n$(id)',
  host: 'host\nlistener 1',
  mqttsPort: 8883,
  username: 'plant\nallow_anonymous true',
  password: 'p"$`\'\\ #{}',
};

const every = (input: Omit<SetupInput, 'mode'>): SetupGuide[] =>
  modes.flatMap((mode) => setupGuides({ ...input, mode }));
const filesOf = (input: Omit<SetupInput, 'mode'>): SetupFile[] =>
  every(input).flatMap((guide) => guide.files);

function file(mode: SetupInput['mode'], broker: SetupGuide['broker'], name: string, input = plain): string {
  const guide = setupGuides({ ...input, mode }).find((one) => one.broker === broker);
  return guide!.files.find((one) => one.name === name)!.text;
}

/** What each line is, without the values in it. */
function shape(file: SetupFile): string[] {
  return file.text.split('\n').map((line) => {
    if (/^\s*#/.test(line)) return '#';
    const blank = line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/""(, "")+/g, '""');
    if (file.language === 'conf' && !line.startsWith('{')) return line.replace(/\d+/g, 'N').split(' ')[0]!;
    return blank.replace(/netneural_\w+/g, 'NAME');
  });
}

describe('what fits', () => {
  test('each mode, best first', () => {
    const brokers = (mode: SetupInput['mode']) =>
      setupGuides({ ...plain, mode }).map((guide) => guide.broker);
    expect(brokers('webhook')).toEqual([
      'emqx5',
      'aws_iot',
      'generic',
      'emqx4',
      'vernemq',
      'mosquitto',
      'hivemq',
    ]);
    expect(brokers('bridge')).toEqual(['mosquitto', 'emqx5', 'hivemq', 'generic']);
    expect(brokers('forward')).toEqual(['mosquitto', 'generic']);
    expect(brokers('subscribe')).toEqual(['mosquitto', 'emqx5', 'vernemq', 'hivemq', 'generic']);
  });

  test('says which brokers were not run', () => {
    const tried = (guide: SetupGuide) => guide.notes.some((note) => /[Rr]un in our tests/.test(note));
    const ofVendors = every(plain).filter(
      ({ broker, files }) => broker !== 'generic' && broker !== 'mosquitto' && files.length > 0,
    );
    expect(ofVendors.filter((guide) => !tried(guide))).toEqual([]);
  });
});

describe('the values', () => {
  test('are all filled in', () => {
    for (const { name, text } of filesOf(plain)) {
      expect(`${name}: ${text}`).not.toMatch(/undefined|<(?!username|password)\w+>/);
    }
    const bridge = file('bridge', 'mosquitto', 'bridge.conf');
    expect(bridge).toContain('address mqtt.example.com:8883\n');
    expect(bridge).toContain('remote_password secret\n');
    expect(bridge).toContain(
      'topic devices/+/telemetry out 1 "" org_0d9bf1c2-1111-4222-8333-444455556666/devices/\n',
    );
    expect(bridge).toContain(
      'topic devices/+/commands in 1 "" org_0d9bf1c2-1111-4222-8333-444455556666/devices/\n',
    );
    for (const broker of ['mosquitto', 'vernemq'] as const)
      expect(file('subscribe', broker, broker === 'mosquitto' ? 'acl.conf' : 'vmq.acl')).toContain(
        'topic write devices/+/commands\n',
      );
    expect(file('subscribe', 'emqx5', 'acl.conf')).toContain(' publish, ["devices/+/commands"]}.\n');
    expect(file('webhook', 'vernemq', 'vernemq.conf')).toContain('/a1b2c3d4?token=nnw_abc\n');
    expect(file('webhook', 'emqx4', 'emqx_web_hook.conf')).toContain(
      'web.hook.headers.authorization = Bearer nnw_abc\n',
    );
  });

  test('that are not known any more have a placeholder', () => {
    const shown = { ...plain, token: undefined, password: undefined };
    expect(file('bridge', 'mosquitto', 'bridge.conf', shown)).toContain('remote_password <password>\n');
    expect(file('webhook', 'emqx5', 'emqx.conf', shown)).toContain('"Bearer <token>"');
    expect(file('webhook', 'vernemq', 'vernemq.conf', shown)).toContain('?token=<token>\n');
  });

  test('without TLS say so', () => {
    const open = { ...plain, mqttsPort: undefined };
    const [guide] = setupGuides({ ...open, mode: 'bridge' });
    expect(guide!.files[0]!.text).toContain('address mqtt.example.com:1883\n');
    expect(guide!.files[0]!.text).not.toContain('bridge_cafile');
    expect(guide!.notes).toContain('Without TLS the password and all messages can be read on the way.');
  });

  test('of filters that lie within another are not sent twice', () => {
    const filters = ['devices/+/telemetry', 'devices/#', 'devices/#', 'other/+'];
    expect(
      file('bridge', 'mosquitto', 'bridge.conf', { ...plain, filters }).match(/^topic \S+(?= out)/gm),
    ).toEqual(['topic devices/#', 'topic other/+']);
  });

  test('of filters that a file can’t hold are named', () => {
    const [guide] = setupGuides({ ...plain, filters: ['a b/+', 'c\n/+'], mode: 'bridge' });
    expect(guide!.notes.slice(0, 2)).toEqual([
      'Left out, since these files can\'t hold them: "c\\n/+", "a b/+".',
      'Put a topic filter of yours in the place of <filter>.',
    ]);
    expect(guide!.files[0]!.text).toMatch(/^topic <filter> out 1 /m);
  });
});

describe('commands', () => {
  const notes = (mode: SetupInput['mode'], more: Partial<SetupInput> = {}) =>
    setupGuides({ ...plain, ...more, mode })[0]!.notes.join('\n');

  test('come in each mode by a way that is said', () => {
    expect(notes('bridge')).toContain('Commands come over the same connection, to devices/+/commands.');
    expect(notes('subscribe')).toContain('let our user publish there');
    for (const mode of ['webhook', 'forward'] as const) {
      expect(notes(mode)).toContain('need the address of your broker');
      expect(notes(mode, { hasBroker: true })).toContain('we connect to your broker');
      expect(notes(mode, { commandFilter: undefined })).toContain(
        'give the integration a topic for them and the address of your broker',
      );
    }
    expect(notes('bridge', { commandFilter: undefined })).toContain('give the integration a topic for them.');
  });

  test('that a topic of the bridge takes in are warned of', () => {
    expect(notes('bridge')).not.toContain('takes them in');
    expect(notes('bridge', { filters: ['devices/#'] })).toContain('devices/# takes them in, too');
  });

  test('on a topic that a file can’t hold are left out, and named', () => {
    const commandFilter = 'my devices/+';
    expect(file('bridge', 'mosquitto', 'bridge.conf', { ...plain, commandFilter })).not.toContain(' in 1 ');
    expect(notes('bridge', { commandFilter })).toContain('can\'t hold the topic of commands: "my devices/+"');
  });
});

describe('hostile values', () => {
  test('make no line of another kind', () => {
    const kinds = new Map<string, Set<string>>();
    const key = (one: SetupFile, at: number) => `${at} ${one.name}`;
    filesOf(plain).forEach((one, at) => {
      kinds.set(key(one, at), new Set(shape(one)));
    });
    filesOf(hostile).forEach((one, at) => {
      if (!['conf', 'hocon', 'sql'].includes(one.language)) return;
      const strange = shape(one).filter((line) => !kinds.get(key(one, at))!.has(line));
      expect({ name: one.name, strange }).toEqual({ name: one.name, strange: [] });
    });
  });

  test('leave JSON and shell scripts whole', () => {
    const made = [...filesOf(plain), ...filesOf(hostile)];
    expect(made.filter(({ language }) => language === 'sh').length).toBeGreaterThan(10);
    for (const { language, text } of made) {
      if (language === 'json') JSON.parse(text);
      if (language === 'sh') execFileSync('sh', ['-n'], { input: text });
    }
  });

  test('reach curl as they are', () => {
    const filters = ["it's/+", 'e/$(id)/+', 'f/`id`/+', 'n/ü/+'];
    const script = file('webhook', 'emqx5', 'emqx.sh', { ...plain, filters });
    const [connector, action, rule] = shell(
      `EMQX_KEY=k EMQX_SECRET=s\ncurl() { for last; do :; done; printf '%s\\0' "$last"; }\n${script}`,
    );
    expect(JSON.parse(connector!)).toMatchObject({ url: 'https://mqtt.example.com' });
    expect(JSON.parse(action!)).toMatchObject({
      parameters: { path: '/functions/v1/mqtt-listener/a1b2c3d4' },
    });
    expect(JSON.parse(rule!).sql).toMatch(/ FROM "it's\/\+", "e\/\$\(id\)\/\+", "f\/`id`\/\+", "n\/ü\/\+"$/);
  });

  test('reach the forwarder as they are', () => {
    const filters = ["it's/+", 'e/$(id)/+', 'f/`id`/+', 'g/"quoted"/+', 'h/back\\slash/+'];
    const token = 'a"b$c`d\\e\'f';
    const directory = mkdtempSync(join(tmpdir(), 'netneural-setup-'));
    try {
      const path = join(directory, 'forward.env');
      writeFileSync(path, file('forward', 'mosquitto', 'forward.env', { ...plain, filters, token }));
      expect(shell(`. '${path}'; printf '%s\\0' "$FORWARD_TOPICS" "$FORWARD_TOKEN"`).slice(0, 2)).toEqual([
        filters.join(','),
        token,
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('never throw, and never make a second line of a filter', () => {
    const usual = file('bridge', 'mosquitto', 'bridge.conf');
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), text, text, (filters, name, password) => {
        const input = { ...plain, filters, integrationName: name, password, username: name };
        const bridge = file('bridge', 'mosquitto', 'bridge.conf', input);
        const withoutTopics = (conf: string) => conf.replace(/^topic .*\n/gm, '').split('\n').length;
        return withoutTopics(bridge) === withoutTopics(usual) && every(input).length > 10;
      }),
      { numRuns: 30 },
    );
  });
});

/** What a shell prints, cut at NUL. */
function shell(script: string): string[] {
  return execFileSync('sh', { input: script, encoding: 'utf8' }).split('\0');
}
