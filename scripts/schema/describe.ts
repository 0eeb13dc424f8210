import type pg from 'pg';
import { type Catalog, type Grant, type Policy, readCatalog, type Table } from './catalog.ts';

const header = `-- The whole schema as it is now, for reading: made from supabase/migrations by \`npm run schema\`,
-- compared by a test, run by nobody. Partitions are left out.
`;

const tablePrivileges = [
  'delete',
  'insert',
  'maintain',
  'references',
  'select',
  'trigger',
  'truncate',
  'update',
];

/** The schema of a migrated database as SQL, in an order that does not depend on how it came about. */
export async function describeSchema(client: pg.ClientBase): Promise<string> {
  const catalog = await readCatalog(client);
  const parts = [header, ...schemas(catalog), ...types(catalog), ...catalog.tables.map(table)];
  parts.push(...views(catalog), ...functions(catalog));
  return `${parts
    .join('\n')
    .replace(/[ \t]+$/gm, '')
    .trim()}\n`;
}

function schemas({ schemas }: Catalog): string[] {
  return schemas.map(({ name, acl }) =>
    block([`create schema ${name};`, ...grantLines(`schema ${name}`, acl)]),
  );
}

function types({ types }: Catalog): string[] {
  return types.map(({ definition }) => block([`${definition};`]));
}

function views({ views }: Catalog): string[] {
  return views.map(({ name, definition, acl }) => block([definition, ...grantLines(name, acl)]));
}

function functions({ functions }: Catalog): string[] {
  return functions.map(({ name, definition, acl }) =>
    block([`${definition.trim()};`, ...grantLines(`function ${name}`, acl)]),
  );
}

function table(table: Table): string {
  const inside = [...table.columns, ...table.constraints].map((line) => `  ${line}`).join(',\n');
  const partitioned = table.partitionKey ? ` partition by ${table.partitionKey}` : '';
  const options = table.options ? ` with (${table.options.join(', ')})` : '';
  return block([
    `create table ${table.name} (\n${inside}\n)${partitioned}${options};`,
    ...table.indexes.map((definition) => `${definition};`),
    ...table.triggers.map((definition) => `${definition};`),
    ...(table.rowSecurity ? [`alter table ${table.name} enable row level security;`] : []),
    ...table.policies.map((policy) => policyLine(table.name, policy)),
    ...grantLines(table.name, table.acl),
  ]);
}

function policyLine(table: string, policy: Policy): string {
  const kind = policy.permissive ? '' : ' as restrictive';
  const using = policy.using ? `\n  using (${policy.using})` : '';
  const check = policy.check ? `\n  with check (${policy.check})` : '';
  const roles = policy.roles.join(', ');
  return `create policy ${policy.name} on ${table}${kind} for ${policy.command} to ${roles}${using}${check};`;
}

function grantLines(object: string, acl: Grant[]): string[] {
  return acl.map(({ grantee, privileges, columns }) => {
    const isAll = tablePrivileges.every((privilege) => privileges.includes(privilege));
    const what = isAll ? 'all' : privileges.join(', ');
    return `grant ${what}${columns ? ` (${columns.join(', ')})` : ''} on ${object} to ${grantee};`;
  });
}

function block(lines: string[]): string {
  return `${lines.join('\n')}\n`;
}
