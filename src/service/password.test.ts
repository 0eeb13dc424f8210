import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './password.ts';

describe('passwords of MQTT credentials', () => {
  it('verifies what it has hashed, and nothing else', async () => {
    const hash = await hashPassword('correct horse');
    expect(hash).toMatch(/^\$7\$101\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/);
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword(new TextEncoder().encode('correct horse'), hash)).toBe(true);
    expect(await verifyPassword('correct horsf', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('salts: the same password hashes to another text', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });

  it.each([
    '',
    '$6$101$AAAA$BBBB',
    '$7$0$AAAA$BBBB',
    '$7$9999999$AAAA$BBBB',
    '$7$101$=$B',
    '$7$101$AAAA$',
    'plain',
  ])('refuses the stored text %j', async (stored) =>
    expect(await verifyPassword('plain', stored)).toBe(false),
  );

  it('reads a hash that mosquitto_passwd 2.0.11 made', async () => {
    const stored =
      '$7$101$1a1z04ZS/hQZuQ7i$rp+SzmPHdbwPWBxk4dNXS3yitgnB9EgXh0NjCsma/lNMv9j8NQYBrEUhP5f7423hivsNc8QZfo360c//7olIpg==';
    expect(await verifyPassword('open sesame', stored)).toBe(true);
  });
});
