/** How a value is written so that it stays one value. Each format has its own rules, and its own function here. */

/** Control, format and unassigned characters, halves of surrogate pairs, line and paragraph separators. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;

/** For a comment or a title: one line of at most 80 characters. Some formats continue a line after a backslash. */
export function label(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\\]+/gu, ' ').trim();
  return [...line].slice(0, 80).join('') || 'without a name';
}

/** True for what a line can hold from its `=` or blank to its end, as it is. */
export function fitsOneLine(text: string): boolean {
  return text.length > 0 && !invisible.test(text) && text.trim() === text;
}

/** One word for a POSIX shell, where nothing is special between single quotes but their end. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The right side of `NAME=` in a file that a POSIX shell and systemd's `EnvironmentFile` read alike. */
export function environmentValue(text: string): string {
  return `"${text.replace(/["\\$`]/g, '\\$&')}"`;
}

/** A HOCON string is a JSON string: <https://github.com/lightbend/config/blob/main/HOCON.md>. */
export function hoconString(text: string): string {
  return JSON.stringify(text);
}

/** JSON in one line and in ASCII, for a file whose reader substitutes `$(…)` and reads Latin-1 (EMQX 4). */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^ -#%-~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
