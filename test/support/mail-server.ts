import { EventEmitter, once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  from: string;
  to: string[];
  /** Header and body, not quoted-printable any more. */
  text: string;
}

/** A mail server that keeps what it takes. */
export interface MailServer {
  url: string;
  mails: Mail[];
  /** What it says to a recipient; undefined takes them. */
  refuses: (address: string) => { code: number; message: string } | undefined;
  /** Resolves when so many mails have come since the beginning. */
  has(count: number): Promise<void>;
  close(): Promise<void>;
}

/** @param password of the user `us`; without one everybody is let in */
export async function mailServer(password?: string): Promise<MailServer> {
  const came = new EventEmitter();
  const server = new SMTPServer({
    authOptional: password === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (auth, _session, done) =>
      auth.username === 'us' && auth.password === password
        ? done(null, { user: 'us' })
        : done(Object.assign(new Error('no such user'), { responseCode: 535 })),
    onRcptTo({ address }, _session, done) {
      const refusal = here.refuses(address);
      if (refusal) done(Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
      else done();
    },
    async onData(stream, { envelope }, done) {
      stream.setEncoding('utf8');
      let text = '';
      for await (const chunk of stream) text += chunk;
      const from = envelope.mailFrom ? envelope.mailFrom.address : '';
      here.mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), text: unquoted(text) });
      done(null, 'taken');
      came.emit('one');
    },
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  const here: MailServer = {
    url: `smtp://${password === undefined ? '' : `us:${password}@`}127.0.0.1:${port}`,
    mails: [],
    refuses: () => undefined,
    async has(count) {
      while (here.mails.length < count) await once(came, 'one');
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
  return here;
}

/** RFC 2045 section 6.7. */
function unquoted(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
