import { ApiProblem, Unreachable } from '../api/problem.ts';

export interface Progress {
  rows: number;
  /** At most; undefined where the platform could not tell beforehand. */
  expected: number | undefined;
}

export interface Downloaded {
  name: string;
  file: Blob;
  rows: number;
}

/** Parts of this size are given to the browser, which keeps them on disk when they come to much. */
const PART_BYTES = 8 * 1024 * 1024;
/** Ends of lines are rows, but for the one that names the columns. */
const END_OF_LINE = 0x0a;

/**
 * Reads a file from the API, a line a row.
 * @param onProgress runs with each piece that arrives
 * @throws {ApiProblem} {Unreachable} and whatever the signal's reason is; nobody gets a part of a file for all of it
 */
export async function download(
  url: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<Downloaded> {
  const response = await fetch(url, { credentials: 'same-origin', signal }).catch((error) => {
    throw signal.aborted ? error : new Unreachable();
  });
  if (!response.ok) throw new ApiProblem(response.status, await response.json().catch(() => undefined));
  const said = response.headers.get('x-expected-rows');
  const expected = said === null ? undefined : Number(said);
  const type = response.headers.get('content-type') ?? '';
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let rows = type.startsWith('text/csv') ? -1 : 0;
  // A text with several lines would make it more.
  const shown = (lines: number) => Math.min(Math.max(0, lines), expected ?? lines);
  const reader = response.body!.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      pieces.push(read.value);
      bytes += read.value.length;
      rows += linesIn(read.value);
      onProgress({ rows: shown(rows), expected });
      if (bytes >= PART_BYTES) {
        parts.push(new Blob(pieces));
        pieces = [];
        bytes = 0;
      }
    }
  } catch (error) {
    throw signal.aborted
      ? error
      : new Error('It broke off before its end. Try again, or take a shorter time.');
  }
  const file = new Blob([...parts, ...pieces], { type });
  return { name: nameIn(response.headers.get('content-disposition')), file, rows: shown(rows) };
}

function linesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(END_OF_LINE); at >= 0; at = bytes.indexOf(END_OF_LINE, at + 1)) count += 1;
  return count;
}

function nameIn(disposition: string | null): string {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? '') ?? [];
  return encoded ? decodeURIComponent(encoded) : 'export';
}
