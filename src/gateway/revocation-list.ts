/**
 * What a certificate revocation list (RFC 5280 section 5) says, for connections that stand: TLS itself looks at the list
 * only while it lets somebody in. Signatures are checked there; here the operator's file is taken at its word.
 */
export interface RevocationList {
  /** Each certificate that it revokes, as `certificateKey` has it. */
  revoked: Set<string>;
  /** When the next one is due: from then on this one vouches for nobody. Milliseconds since 1970. */
  expiresAt: number;
}

interface Element {
  tag: number;
  /** Where it begins, where its content begins and where it ends. */
  at: number;
  from: number;
  to: number;
}

const INTEGER = 0x02;
const SEQUENCE = 0x30;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** @throws Error when it is none */
export function readRevocationList(der: Buffer): RevocationList {
  const [signed] = partsOf(der, elementAt(der, 0, der.length));
  const parts = partsOf(der, expected(signed, SEQUENCE));
  // The version may be left out.
  if (parts[0]?.tag === INTEGER) parts.shift();
  const [, issuer, , next, entries] = parts;
  const isDated = next?.tag === UTC_TIME || next?.tag === GENERALIZED_TIME;
  const list = isDated ? entries : next;
  const by = hex(der, expected(issuer, SEQUENCE));
  const revoked = new Set<string>();
  if (list?.tag === SEQUENCE) {
    for (const entry of partsOf(der, list)) {
      const [serial] = partsOf(der, expected(entry, SEQUENCE));
      revoked.add(`${by} ${hex(der, expected(serial, INTEGER))}`);
    }
  }
  return { revoked, expiresAt: isDated ? timeOf(der, next) : Number.POSITIVE_INFINITY };
}

/** Issuer and serial number, which no two certificates share. @param der the certificate */
export function certificateKey(der: Buffer): string {
  const [signed] = partsOf(der, elementAt(der, 0, der.length));
  const parts = partsOf(der, expected(signed, SEQUENCE));
  if (parts[0]?.tag !== INTEGER) parts.shift();
  const [serial, , issuer] = parts;
  return `${hex(der, expected(issuer, SEQUENCE))} ${hex(der, expected(serial, INTEGER))}`;
}

/** X.690 section 8.1: a tag of one byte, a length of up to four, the content. */
function elementAt(der: Buffer, at: number, end: number): Element {
  const length = der[at + 1];
  if (length === undefined) throw new Error('it ends within an element');
  const more = length < 0x80 ? 0 : length & 0x7f;
  const from = at + 2 + more;
  if (length === 0x80 || more > 4 || from > end) throw new Error('a length is out of bounds');
  const to = from + (more === 0 ? length : der.readUIntBE(at + 2, more));
  if (to > end) throw new Error('an element is longer than what it is in');
  return { tag: der[at]!, at, from, to };
}

function partsOf(der: Buffer, { from, to }: Element): Element[] {
  const parts: Element[] = [];
  for (let at = from; at < to; at = parts.at(-1)!.to) parts.push(elementAt(der, at, to));
  return parts;
}

function expected(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new Error('it is built in another way');
  return element;
}

function hex(der: Buffer, { from, to }: Element): string {
  return der.toString('hex', from, to);
}

/** RFC 5280 section 5.1.2.4: `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` from then on. */
function timeOf(der: Buffer, { tag, from, to }: Element): number {
  const text = der.toString('latin1', from, to);
  const full = tag === GENERALIZED_TIME ? text : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`;
  const time = Date.parse(full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(time)) throw new Error('a time is written in another way');
  return time;
}
