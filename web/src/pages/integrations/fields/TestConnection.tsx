import { Button } from '@mantine/core';
import type { ConnectionStep } from '../../../api/types.ts';
import { FormProblem } from '../../../components/FormProblem.tsx';
import { IconAlertTriangle, IconCheck, IconPlugConnected, IconX } from '../../../components/icons.ts';
import { formatNumber } from '../../../format/value.ts';
import classes from './TestConnection.module.css';
import type { ConnectionTrial } from './use-connection-test.ts';

const words: Record<ConnectionStep['step'], string> = {
  resolve: 'Find the address',
  connect: 'Reach the broker',
  tls: 'Encrypt with TLS',
  websocket: 'Open the WebSocket',
  mqtt: 'Sign in',
  subscribe: 'Subscribe to',
  round_trip: 'Send and get back on',
};

/** The button, and below it each step with how long it took, or why it failed and what to do. */
export function TestConnection({ trial, ready }: { trial: ConnectionTrial; ready: boolean }) {
  const { run, busy, result, problem, fields } = trial;
  return (
    <div className={classes.trial}>
      <Button
        variant="default"
        leftSection={<IconPlugConnected size={16} />}
        loading={busy}
        disabled={!ready}
        onClick={run}
      >
        Test connection
      </Button>
      {Object.keys(fields).length === 0 && <FormProblem problem={problem} />}
      <div aria-live="polite">
        {result && (
          <div className={classes.result} data-ok={result.ok || undefined}>
            <p className={classes.verdict}>
              {result.ok ? 'The connection works' : 'The connection does not work yet'}
            </p>
            <ol className={classes.steps} aria-label="Steps of the connection">
              {result.steps.map((step) => (
                <Step key={`${step.step} ${step.detail}`} step={step} />
              ))}
            </ol>
          </div>
        )}
      </div>
    </div>
  );
}

function Step({ step: { step, ok, ms, detail, problem } }: { step: ConnectionStep }) {
  const state = ok ? (problem ? 'warn' : 'ok') : 'failed';
  const Icon = { ok: IconCheck, warn: IconAlertTriangle, failed: IconX }[state];
  return (
    <li className={classes.step} data-state={state}>
      <Icon size={16} stroke={2.3} aria-label={ok ? 'Done' : 'Failed'} role="img" />
      <div className={classes.what}>
        {words[step]} {detail && <code>{detail}</code>}
        {problem && (
          <>
            <p className={classes.problem}>{problem.message}</p>
            <p className={classes.advice}>{problem.advice}</p>
          </>
        )}
      </div>
      <span className={`figures ${classes.ms}`}>{formatNumber(ms < 10 ? ms : Math.round(ms))} ms</span>
    </li>
  );
}
