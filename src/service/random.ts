/** Random text for user names, passwords, keys and tokens. WebCrypto, so the same on Node, Deno and the edge. */

/** Without 0, 1, I, O, l, o: nobody mistypes one for another. 56 letters, 5.81 bits each. */
const UNAMBIGUOUS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `length` letters of `alphabet`, each as likely as any other: bytes past the last full turn are drawn again. */
function randomText(alphabet: string, length: number): string {
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}

/** An MQTT user name: `nn_` and 80 bits. */
export function randomUsername(): string {
  return `nn_${randomText(BASE32, 16)}`;
}

/** A password of 139 bits that can be read aloud and typed. */
export function randomPassword(): string {
  return randomText(UNAMBIGUOUS, 24);
}

/** 256 bits in 43 letters and digits: an API key's or a link's secret part. */
export function randomToken(): string {
  return randomText(BASE62, 43);
}

/** What is stored of a random token. Being random it needs no salt and no slow hash. */
export async function tokenHash(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export async function sameText(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([tokenHash(left), tokenHash(right)]);
  return a.reduce((difference, byte, at) => difference | (byte ^ b[at]!), 0) === 0;
}
