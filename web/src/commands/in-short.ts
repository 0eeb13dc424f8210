/** More than a row has room for. */
const most = 160;

/** Params or a result on one line: `seconds 30, mode eco`; empty for nothing. */
export function inShort(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return cut(String(value));
  if (Array.isArray(value)) return cut(JSON.stringify(value));
  const parts: string[] = [];
  for (const [name, part] of Object.entries(value)) {
    parts.push(`${name} ${typeof part === 'string' ? part : JSON.stringify(part)}`);
    if (parts.length === 12) break;
  }
  return cut(parts.join(', '));
}

function cut(text: string): string {
  const line = text
    .slice(0, 4 * most)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
