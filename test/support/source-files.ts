import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface SourceFile {
  /** From the repository's root, with `/`. */
  path: string;
  text: string;
  /** The text without its comments, whose lines stay where they are. */
  code: string;
  imports: Import[];
}

export interface Import {
  /** As written. */
  specifier: string;
  /** The file that a relative import names, from the repository's root. */
  target: string | undefined;
  /** Erased before it runs. */
  isType: boolean;
}

/** Every file below the directories with one of the endings. */
export function sourceFiles(directories: string[], endings: string[]): SourceFile[] {
  const paths = directories.filter((directory) => existsSync(join(root, directory))).flatMap(filesBelow);
  return paths
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const code = withoutComments(text);
      return { path, text, code, imports: importsOf(path, code) };
    });
}

function filesBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** Blanks comments, and knows a string or template from one that begins like a comment. */
export function withoutComments(text: string): string {
  const token = /(["'])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found));
}

/** Static and dynamic imports and re-exports. `path` is the importing file's. */
export function importsOf(path: string, code: string): Import[] {
  const statement = /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s*)?['"]([^'"\n]+)['"]/gm;
  const dynamic = /\b(?:import|require)\(\s*()['"]([^'"\n]+)['"]/g;
  return [...code.matchAll(statement), ...code.matchAll(dynamic)].map(([, type, specifier]) => ({
    specifier: specifier!,
    target: specifier!.startsWith('.') ? posix.join(dirname(path), specifier!.split('?')[0]!) : undefined,
    isType: Boolean(type),
  }));
}

/** The files that a running program loads when it loads one of `from`. */
export function reachable(from: SourceFile[], all: SourceFile[]): SourceFile[] {
  const byPath = new Map(all.map((file) => [file.path, file]));
  const found = new Set(from);
  for (const file of found) {
    for (const { target, isType } of file.imports) {
      const next = target !== undefined && !isType && byPath.get(target);
      if (next) found.add(next);
    }
  }
  return [...found];
}
