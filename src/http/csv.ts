import Papa from 'papaparse';
import { PlatformError } from '../service/errors.ts';

export const CSV = 'text/csv; charset=utf-8';

type Cell = string | number | boolean | null | undefined;

/**
 * Lines of a table (RFC 4180), each with its end. A text that a spreadsheet would take for a formula has an apostrophe
 * put before it: what devices send is opened by people.
 */
export function csvLines(rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '';
  return `${Papa.unparse(rows as Cell[][], { escapeFormulae: true, newline: '\r\n' })}\r\n`;
}

export interface CsvLine {
  /** As an editor counts them: the names of the columns are line 1. */
  line: number;
  /** By column; absent where the line ends before it. */
  cells: ReadonlyMap<string, string>;
  /** What is wrong with it as CSV. */
  problem?: string;
}

/**
 * Reads a table whose first line names its columns, separated by commas, semicolons or tabs. Lines without anything in
 * them are left out, and so is the apostrophe that `csvLines` puts before a formula.
 * @throws PlatformError `invalid_request` for more lines than `most`, or columns that are there twice
 */
export function readCsv(text: string, most: number): { columns: string[]; lines: CsvLine[] } {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: delimiterOf(text) });
  const [head = [], ...body] = data;
  const columns = head.map((name) => name.trim().toLowerCase());
  const twice = columns.find((name, at) => name !== '' && columns.indexOf(name) !== at);
  if (twice) throw new PlatformError('invalid_request', `The column ${twice} is there twice.`);
  const problems = new Map(errors.flatMap(({ row, message }) => (row === undefined ? [] : [[row, message]])));
  const lines = body.flatMap((cells, at): CsvLine[] => {
    if (cells.every((cell) => cell.trim() === '')) return [];
    const named = columns.map((name, place) => [name, cells[place]] as const);
    const problem =
      problems.get(at + 1) ??
      (cells.length > columns.length ? 'has more cells than there are columns' : undefined);
    return [
      {
        line: at + 2,
        cells: new Map(
          named.flatMap(([name, cell]) =>
            cell === undefined ? [] : [[name, withoutApostrophe(cell.trim())]],
          ),
        ),
        ...(problem && { problem }),
      },
    ];
  });
  if (lines.length > most) {
    throw new PlatformError(
      'invalid_request',
      `A file may have ${most} lines; this one has ${lines.length}.`,
    );
  }
  return { columns, lines };
}

/** The one that stands most often between the names of the columns. */
function delimiterOf(text: string): string {
  const [head = ''] = text.split(/[\r\n]/, 1);
  const counted = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: head.split(delimiter).length }));
  return counted.reduce((most, one) => (one.count > most.count ? one : most)).delimiter;
}

function withoutApostrophe(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
