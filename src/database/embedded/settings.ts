/** PostgreSQL's settings by name, as they stand in `postgresql.conf`. */
export type Settings = Record<string, string | number | boolean>;

/**
 * For two cores that the server shares with the platform, a quick ingest, and acknowledgements that
 * mean committed. An operator's `ALTER SYSTEM` goes before them.
 */
const defaults: Settings = {
  // Nobody but us connects, over a socket in a directory of our own.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: 60,

  // The hot part (today's partition, latest state, its indexes) stays in memory and leaves room for Node.
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '128MB',

  // A device's PUBACK stands on this.
  synchronous_commit: 'on',
  // Rare checkpoints: each makes every page's next change write the whole page to the log.
  checkpoint_timeout: '15min',
  max_wal_size: '2GB',
  min_wal_size: '256MB',
  wal_buffers: '16MB',
  // Built without lz4, and pglz costs more CPU than the disk saves.
  wal_compression: 'off',

  // Queries are short; compiling them costs more than it gains.
  jit: 'off',
  // The second core belongs to ingest, not to somebody's chart.
  max_parallel_workers_per_gather: 0,
  // What is read is in the cache; three I/O workers would sit idle.
  io_method: 'sync',
  autovacuum: 'on',
  // A transaction that is forgotten open keeps vacuum from cleaning for everybody.
  idle_in_transaction_session_timeout: '5min',

  timezone: 'UTC',
  // One file per weekday, each overwritten a week later: bounded.
  logging_collector: 'on',
  log_directory: '../log',
  log_filename: 'postgresql-%a.log',
  log_rotation_age: '1d',
  log_rotation_size: 0,
  log_truncate_on_rotation: 'on',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_min_duration_statement: '2s',
  // Rows and parameters are the tenants' own and stay out of the log.
  log_parameter_max_length: 0,
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/** The text of `postgresql.conf`, written anew at every start. */
export function configurationFile(socketDirectory: string, overrides: Settings): string {
  const settings = { ...defaults, unix_socket_directories: socketDirectory, ...overrides };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quoted(value)}`);
  return ['# Written anew at every start: use ALTER SYSTEM to change a setting.', ...lines, ''].join('\n');
}

function quoted(value: string | number | boolean): string {
  return `'${String(value).replaceAll("'", "''")}'`;
}
