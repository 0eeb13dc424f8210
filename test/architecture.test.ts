import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { describe, expect, test } from 'vitest';
import {
  importsOf,
  reachable,
  type SourceFile,
  sourceFiles,
  withoutComments,
} from './support/source-files.ts';

/** The architecture as rules. Each names the files that break it, so the failure says where to look. */

const server = sourceFiles(['src'], ['.ts']);
const dashboard = sourceFiles(['web/src'], ['.ts', '.tsx']);
const everything = sourceFiles(
  ['src', 'web', 'test', 'scripts', 'bench', 'supabase'],
  ['.ts', '.tsx', '.mjs', '.css', '.sql'],
);
const product = server.filter((file) => !file.path.endsWith('.test.ts'));

const folderOf = (path: string) => path.split('/')[1]!;
/** What runs on Deno too: the API and the edge functions' wiring. */
const portable = reachable(
  product.filter((file) => folderOf(file.path) === 'http' || file.path === 'src/main/edge.ts'),
  product,
);

/** The same with the functions that take messages in or judge them, which use a little of Node as well. */
const onDeno = reachable(
  [...portable, ...product.filter((file) => /^src\/main\/edge-\w+\.ts$/.test(file.path))],
  product,
);

/** From the bottom up. A folder imports from itself and from the rows above it here, never from its own row. */
const tiers = [
  ['domain'],
  ['decode', 'contract'],
  ['service'],
  ['database', 'mqtt'],
  ['ingest', 'quota'],
  ['gateway', 'engine', 'external', 'commands', 'alerts', 'simulate'],
  ['http'],
  ['main'],
];

const tierOf = (path: string) => tiers.findIndex((tier) => tier.includes(folderOf(path)));

/** `file: what` for everything in `files` that `find` finds. */
function breaches(files: SourceFile[], find: (file: SourceFile) => string[]): string[] {
  return files.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`));
}

function matches(pattern: RegExp): (file: SourceFile) => string[] {
  return (file) => [...file.code.matchAll(pattern)].map(([text]) => text.trim());
}

describe('who may import whom', () => {
  test('every folder of src has its place', () => {
    expect(server.map((file) => file.path).filter((path) => tierOf(path) < 0)).toEqual([]);
  });

  test('arrows point down only, so that each part can be understood without those above it', () => {
    const pointsUp = (file: SourceFile) =>
      file.imports
        .filter(({ target, isType }) => {
          if (!target || folderOf(target) === folderOf(file.path)) return false;
          // The one seam between siblings: what a broker behind the gateway looks like.
          if (isType && folderOf(file.path) === 'gateway' && target === 'src/engine/engine.ts') return false;
          // Where the version stands.
          if (file.path === 'src/main/version.ts' && target === 'package.json') return false;
          return !target.startsWith('src/') || tierOf(target) >= tierOf(file.path);
        })
        .map(({ specifier }) => specifier);
    expect(breaches(product, pointsUp)).toEqual([]);
  });

  test('the dashboard shares nothing with the server but the contract and the domain', () => {
    const reachesIn = (file: SourceFile) =>
      file.imports
        .filter(({ target }) => target?.startsWith('src/') && !/^src\/(contract|domain)\//.test(target))
        .map(({ specifier }) => specifier);
    expect(breaches(dashboard, reachesIn)).toEqual([]);
  });

  test('http and all it reaches runs on Deno as well: capabilities of Node arrive as arguments', () => {
    expect(portable.length).toBeGreaterThan(10);
    const isOfNode = (specifier: string) =>
      specifier.startsWith('node:') || builtinModules.includes(specifier);
    const usesNode = (file: SourceFile) =>
      file.imports
        .filter(({ specifier, isType }) => !isType && isOfNode(specifier))
        .map(({ specifier }) => specifier);
    expect(breaches(portable, usesNode)).toEqual([]);
    // Supabase's runtime has it; `Buffer` and the like are made global by the functions themselves. A command goes to
    // the customer's broker by the way that it takes from Node, guard and certificates included: Deno has those modules
    // of Node, and the tests of the function go that way.
    // So do notifications.
    const sockets = ['buffer', 'dns', 'events', 'http', 'https', 'net', 'tls'].map((name) => `node:${name}`);
    const goesOut = /^src\/(mqtt\/|external\/transport\.ts$|service\/guard(ed-fetch)?\.ts$)/;
    const beyondDeno = (file: SourceFile) =>
      usesNode(file).filter(
        (specifier) =>
          specifier !== 'node:crypto' && !(goesOut.test(file.path) && sockets.includes(specifier)),
      );
    expect(onDeno.length).toBeGreaterThan(portable.length);
    expect(breaches(onDeno, beyondDeno)).toEqual([]);
  });

  test('what runs on Deno takes packages by deno.json, in the versions of package.json', () => {
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
    const { dependencies } = read('package.json') as { dependencies: Record<string, string> };
    const { imports } = read('supabase/functions/deno.json') as { imports: Record<string, string> };
    const names = Object.keys(imports);
    const unknown = (file: SourceFile) =>
      file.imports
        .filter(({ target, isType }) => target === undefined && !isType)
        .map(({ specifier }) => specifier)
        .filter(
          (from) =>
            !from.startsWith('node:') &&
            !names.some((name) => from === name || (name.endsWith('/') && from.startsWith(name))),
        );
    expect(breaches(onDeno, unknown)).toEqual([]);
    for (const [name, source] of Object.entries(imports)) {
      const plain = name.replace(/\/$/, '');
      const expected = `${plain}@${dependencies[plain]}`;
      expect(source).toBe(name === plain ? `npm:${expected}` : `npm:/${expected}/`);
    }
  });

  test('imports name the file with its ending, which is how Node, Deno and the browser find it', () => {
    const isVague = (file: SourceFile) =>
      file.imports
        .filter(({ target }) => target && !/\.(ts|tsx|mjs|css|svg|json)$/.test(target))
        .map(({ specifier }) => specifier);
    expect(breaches(everything, isVague)).toEqual([]);
  });
});

describe('what stands where', () => {
  test('the domain is pure: the same answer for the same arguments, on any runtime', () => {
    const domain = product.filter((file) => folderOf(file.path) === 'domain');
    const outside = (file: SourceFile) =>
      file.imports.filter(({ target }) => target === undefined).map(({ specifier }) => specifier);
    expect(breaches(domain, outside)).toEqual([]);
    const impure =
      /\b(process\.|Deno\.|fetch\(|setTimeout|setInterval|Date\.now|new Date\(\)|Math\.random|crypto\.)/g;
    expect(breaches(domain, matches(impure))).toEqual([]);
  });

  test('SQL is written in src/database only, where a tenant’s scope is set', () => {
    // The setup made for customers holds SQL as well: for the rule engines of their brokers.
    const others = product.filter(
      (file) => folderOf(file.path) !== 'database' && !file.path.startsWith('src/external/setup/'),
    );
    const statement =
      /['"`]\s*(select\s+[\w*(]|insert\s+into|delete\s+from|update\s+[\w."]+\s+set\b|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|index|function|schema|role)|(un)?listen\s+\w+['"`]|notify\s+\w+\s*,)/gi;
    expect(breaches(others, matches(statement))).toEqual([]);
    expect('`\n  select id from devices`').toMatch(statement);
    const driver = (file: SourceFile) =>
      file.imports.filter(({ specifier, isType }) => specifier === 'pg' && !isType).map(() => 'imports pg');
    expect(breaches(others, driver)).toEqual([]);
  });

  test('the environment is read in one place, where a bad value is refused by name', () => {
    // The forwarder and the simulator are programs beside the platform, with settings of their own.
    const readers = ['src/main/config.ts', 'src/main/forward-config.ts', 'src/simulate/main.ts'];
    const others = product.filter((file) => !readers.includes(file.path));
    expect(breaches(others, matches(/\b(process\.env|Deno\.env|import\.meta\.env)\b/g))).toEqual([]);
  });

  test('the server speaks through its logger, which keeps secrets out', () => {
    expect(breaches(product, matches(/\bconsole\.\w+/g))).toEqual([]);
  });

  test('exports have names, so that a thing is called the same everywhere', () => {
    expect(breaches([...product, ...dashboard], matches(/\bexport default\b/g))).toEqual([]);
  });
});

describe('what stays pleasant to read', () => {
  test('no file is longer than 500 lines', () => {
    const generated = ['web/src/api/schema.d.ts', 'supabase/schema.sql'];
    const tooLong = (file: SourceFile) => {
      const lines = file.text.split('\n').length - 1;
      return lines > 500 && !generated.includes(file.path) ? [`${lines} lines`] : [];
    };
    expect(breaches(everything, tooLong)).toEqual([]);
  });

  test('a name says what is inside', () => {
    const says = /^(utils?|helpers?|lib|managers?|misc)$|manager|helper/i;
    const vague = (file: SourceFile) => file.path.split(/[/.]/).filter((part) => says.test(part));
    expect(breaches(everything, vague)).toEqual([]);
  });
});

describe('the rules’ own eyes', () => {
  test('see every form of import', () => {
    const code = [
      "import a from './a.ts';",
      "import type { B } from '../b.ts';",
      'import {\n  c,\n} from "c";',
      "export * from './d.ts';",
      "import 'node:e';",
      "const f = await import('./f.ts');",
    ].join('\n');
    expect(importsOf('src/x/y.ts', code)).toEqual([
      { specifier: './a.ts', target: 'src/x/a.ts', isType: false },
      { specifier: '../b.ts', target: 'src/b.ts', isType: true },
      { specifier: 'c', target: undefined, isType: false },
      { specifier: './d.ts', target: 'src/x/d.ts', isType: false },
      { specifier: 'node:e', target: undefined, isType: false },
      { specifier: './f.ts', target: 'src/x/f.ts', isType: false },
    ]);
  });

  test('look past comments and nothing else', () => {
    expect(withoutComments(`a('// b') /* c */ + \`/* d */\` // e`).trimEnd()).toBe(
      `a('// b')         + \`/* d */\``,
    );
  });
});
