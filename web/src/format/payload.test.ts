import { expect, it } from 'vitest';
import { bytesOfBase64, hexDump, payloadPreview, readableText } from './payload.ts';

it('lays out JSON and leaves all else alone', () => {
  expect(readableText('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readableText('{"a":')).toBe('{"a":');
  expect(readableText('21.50')).toBe('21.50');
});

it('dumps bytes sixteen a line, with the text among them', () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, index) => 0x3f + index);
  expect(hexDump(bytes)).toBe(
    '0000  3f 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e  ?@ABCDEFGHIJKLMN\n' +
      '0010  4f 50                                            OP',
  );
  expect(hexDump(new Uint8Array())).toBe('');
});

it('previews on one line', () => {
  expect(payloadPreview({ text: '{\n  "a": 1\n}', base64: null })).toBe('{ "a": 1 }');
  expect(payloadPreview({ text: null, base64: btoa('\u0000\u00ff') })).toBe('00 ff');
  expect(bytesOfBase64(btoa('abc'))).toEqual(Uint8Array.of(97, 98, 99));
});
