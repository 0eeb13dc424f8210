/**
 * `npm test`: every check and test, after setting up what they need. `npm run check` (`--fast`) stops before
 * those that need a database, brokers or a browser. Closes with the number of tests passed and failed.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDashboard } from './dashboard.mjs';
import { install, node, root, run, say } from './install.mjs';
import { installTestPrograms } from './test-programs.mjs';

const results = join(root, 'test-results');
const isFast = process.argv.includes('--fast');

const fastSteps = [
  ['types', () => tool('typescript7/bin/tsc', '-p', '.')],
  ['types of the dashboard', () => tool('typescript7/bin/tsc', '-p', 'web')],
  ['lint and format', () => tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')],
  ['unit and architecture tests', () => vitest('unit')],
];
const slowSteps = [
  ['build of the dashboard', buildDashboard],
  ['system tests', () => vitest('system')],
];

await install();
if (!isFast) await installTestPrograms();

const total = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
for (const [name, step] of isFast ? fastSteps : [...fastSteps, ...slowSteps]) {
  say(`\n── ${name}`);
  const started = Date.now();
  const outcome = await step();
  const counts =
    typeof outcome === 'number' ? { passed: 0, failed: outcome === 0 ? 0 : 1, skipped: 0 } : outcome;
  for (const key of Object.keys(total)) total[key] += counts[key];
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  summary.push(`${counts.failed ? 'failed' : 'ok    '} ${seconds} s  ${name}`);
  say(summary.at(-1));
}
const skipped = total.skipped ? `, ${total.skipped} skipped` : '';
say(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed ? 1 : 0;

/** Runs a program of node_modules on Node 24; resolves with its exit code. */
function tool(script, ...args) {
  return run(node, [join(root, 'node_modules', script), ...args]);
}

/** Runs one project of vitest and reads what its JSON reporter counted. */
async function vitest(project) {
  const report = join(results, `${project}.json`);
  mkdirSync(results, { recursive: true });
  rmSync(report, { force: true });
  const code = await tool(
    'vitest/vitest.mjs',
    ...['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  );
  const counts = readReport(report);
  // A file that can't be loaded or an error outside any test fails the run without failing a test.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function readReport(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    const skipped = report.numPendingTests + report.numTodoTests;
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
