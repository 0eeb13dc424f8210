/** Texts as literals of a shell or a language: what comes out, pasted, is exactly what went in. */

/** For `sh` and its kin, bare where that is safe. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_/:.@+=,-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * For the Windows command prompt. Backslashes double before a quote (the C runtime's rule); a percent sign
 * stands outside the quotes behind a caret, or it might name a variable.
 */
export function cmdWord(text: string): string {
  if (/^[A-Za-z0-9_/:.@+=,-]+$/.test(text)) return text;
  const quoted = text
    .replace(/(\\*)"/g, '$1$1\\"')
    .replace(/(\\+)$/, '$1$1')
    .replaceAll('%', '"^%"');
  return `"${quoted}"`;
}

/** For Python, JavaScript and C++: a JSON string is a literal in all three. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text);
}
