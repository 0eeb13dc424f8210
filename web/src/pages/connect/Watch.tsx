import type { Connection, Device, Quarantined } from '../../api/types.ts';
import { Changing } from '../../components/Changing.tsx';
import { IconArrowRight, IconCheck, IconCircleDashed, IconX } from '../../components/icons.ts';
import { LoopbackNotice } from '../../components/LoopbackNotice.tsx';
import { ButtonLink } from '../../components/links.tsx';
import { Notice } from '../../components/Notice.tsx';
import type { Progress, StepState, Trouble } from '../../connect/diagnose.ts';
import { useMetrics } from '../../device-types/use-metrics.ts';
import { bytesOfBase64, hexDump, readableText } from '../../format/payload.ts';
import { formatValue } from '../../format/value.ts';
import { useLiveDevice } from '../../live/live.tsx';
import { paths } from '../../paths.ts';
import classes from './Connect.module.css';
import { type Awaited, useFirstMessage } from './use-first-message.ts';

/** Step three: waits beside the commands, shows the first message, or says what keeps it away. */
export function Watch({ awaited, connection }: { awaited: Awaited; connection: Connection }) {
  const { progress, device, quarantined } = useFirstMessage(awaited);
  const arrived = progress.stored === 'done' && device !== null;
  return (
    <aside className={classes.watch} aria-label="First message" data-arrived={arrived || undefined}>
      <div aria-live="polite">
        <h2 className={classes.watchTitle}>
          {!arrived && <span className={classes.pulse} aria-hidden />}
          {arrived ? 'It works: the first message is here' : 'Waiting for the first message'}
        </h2>
      </div>
      <Steps progress={progress} />
      <div aria-live="polite">
        {arrived && <Arrived org={awaited.org} device={device} />}
        {progress.trouble && (
          <TroubleNotice trouble={progress.trouble} awaited={awaited} quarantined={quarantined} />
        )}
        {progress.trouble && progress.connected === 'waiting' && connection.loopback_only && (
          <LoopbackNotice besideCommand />
        )}
      </div>
    </aside>
  );
}

const words = {
  connected: { waiting: 'Connects', done: 'Connected', failed: 'Refused' },
  published: { waiting: 'Publishes', done: 'Published', failed: 'Publish refused' },
  stored: { waiting: 'Is understood and stored', done: 'Understood and stored', failed: 'Not stored' },
} as const;

const icons = { waiting: IconCircleDashed, done: IconCheck, failed: IconX } as const;

function Steps({ progress }: { progress: Progress }) {
  return (
    <ol className={classes.progress}>
      {(['connected', 'published', 'stored'] as const).map((step) => {
        const state: StepState = progress[step];
        const Icon = icons[state];
        return (
          <li key={step} data-state={state}>
            <Icon size={17} stroke={state === 'waiting' ? 1.7 : 2.4} aria-hidden />
            {words[step][state]}
          </li>
        );
      })}
    </ol>
  );
}

function Arrived({ org, device: read }: { org: string; device: Device }) {
  const device = useLiveDevice(read);
  const wordsOf = useMetrics(device.device_type_id);
  const metrics = Object.keys(device.latest).sort((a, b) => a.localeCompare(b));
  return (
    <div className={classes.arrived}>
      <dl>
        {metrics.slice(0, 6).map((metric) => {
          const { value } = device.latest[metric]!;
          const { label, unit } = wordsOf(metric);
          return (
            <div key={metric}>
              <dt>{label}</dt>
              <dd>
                <Changing of={value}>{formatValue(value)}</Changing> <small>{unit}</small>
              </dd>
            </div>
          );
        })}
      </dl>
      <ButtonLink
        to={paths.device}
        params={{ org, device: device.id }}
        rightSection={<IconArrowRight size={16} />}
        fullWidth
      >
        Open {device.name}
      </ButtonLink>
      <ButtonLink to={paths.connect} params={{ org }} search={{}} variant="default" fullWidth>
        Connect another
      </ButtonLink>
    </div>
  );
}

interface TroubleProps {
  trouble: Trouble;
  awaited: Awaited;
  quarantined: Quarantined | undefined;
}

function TroubleNotice({ trouble, awaited, quarantined }: TroubleProps) {
  return (
    <Notice kind="warn" title={trouble.title}>
      <p className={classes.advice}>{trouble.advice}</p>
      {quarantined?.detail && quarantined.detail !== trouble.advice && (
        <p className={classes.advice}>{asSentence(quarantined.detail)}</p>
      )}
      {!quarantined && trouble.topic && trouble.topic !== awaited.topic && (
        <>
          <p className={classes.advice}>It used the topic</p>
          <code className={classes.evidence}>{trouble.topic}</code>
          <p className={classes.advice}>It should be</p>
        </>
      )}
      {!quarantined && trouble.topic && <code className={classes.evidence}>{awaited.topic}</code>}
      {quarantined && (
        <>
          <p className={classes.advice}>It sent</p>
          <pre className={classes.evidence}>
            {quarantined.payload === null
              ? hexDump(bytesOfBase64(quarantined.payload_base64).subarray(0, 256))
              : readableText(quarantined.payload).slice(0, 2000) || '(nothing)'}
          </pre>
        </>
      )}
    </Notice>
  );
}

/** A detail as the decoder words it, to stand by itself. */
function asSentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${/[.!?]$/.test(detail) ? '' : '.'}`;
}
