import { judgeTime } from '../../../../src/domain/time.ts';
import { sentenceOf } from '../../api/problem.ts';
import type { DecodingPreview } from '../../api/types.ts';
import { Failure } from '../../components/Failure.tsx';
import { Notice } from '../../components/Notice.tsx';
import { sentenceOfQuarantine } from '../../connect/diagnose.ts';
import { exactTime } from '../../format/time.ts';
import { plural } from '../../format/value.ts';
import classes from './Decoder.module.css';
import type { usePreview } from './use-preview.ts';

interface Props {
  preview: ReturnType<typeof usePreview>;
  /** False while the decoder's settings can't be tried. */
  isPossible: boolean;
  /** ISO 8601 */
  receivedAt: string;
}

/** Readings shown; the others are like them. */
const mostShown = 20;

/** What would be stored of the message, or why it would not be. */
export function Readings({ preview: { preview, error, waiting, retry }, isPossible, receivedAt }: Props) {
  const stale = waiting || !isPossible;
  return (
    <div className={classes.stack} aria-busy={waiting && isPossible}>
      {error && <Refused error={error} onRetry={retry} />}
      {!error && preview && (
        <div className={classes.result} data-stale={stale || undefined}>
          <p className={classes.summary} role="status">
            {stale ? '' : summaryOf(preview)}
          </p>
          {preview.reason === null ? (
            <ol className={classes.readings}>
              {preview.readings.slice(0, mostShown).map((reading, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: readings of one message have no other identity
                <Reading key={index} reading={reading} receivedAt={receivedAt} />
              ))}
            </ol>
          ) : (
            <Notice kind="warn" title={preview.reason}>
              {sentenceOfQuarantine(preview.reason)}
              {preview.detail && <div className={classes.detail}>{preview.detail}</div>}
            </Notice>
          )}
          {preview.readings.length > mostShown && (
            <p className={classes.dim}>and {preview.readings.length - mostShown} more.</p>
          )}
        </div>
      )}
      {!error && !preview && (
        <p className={classes.dim}>
          {isPossible ? 'Decoding…' : 'They show as soon as the decoder’s settings are complete.'}
        </p>
      )}
    </div>
  );
}

function summaryOf({ reason, readings }: DecodingPreview): string {
  if (reason !== null) return 'Nothing would be stored; the message would go to quarantine.';
  return `${plural(readings.length, 'reading')}, as ${readings.length === 1 ? 'it' : 'they'} would be stored.`;
}

/** What the platform itself says of the settings; anything else is its own trouble. */
function Refused({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const fields = 'fields' in error ? Object.values(error.fields as Record<string, string>) : [];
  if (fields.length === 0) return <Failure what="It could not be tried" error={error} onRetry={onRetry} />;
  return (
    <Notice kind="bad" title="These settings are not valid" role="alert">
      {fields.join('. ') || sentenceOf(error)}
    </Notice>
  );
}

function Reading({
  reading: { time, values },
  receivedAt,
}: {
  reading: DecodingPreview['readings'][number];
  receivedAt: string;
}) {
  return (
    <li>
      <div className={classes.time}>{timeWords(time, receivedAt)}</div>
      <dl className={classes.values}>
        {Object.entries(values).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="figures">{typeof value === 'string' ? JSON.stringify(value) : String(value)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** Where it would be charted, and why there. */
function timeWords(stated: string | number | null, receivedAt: string): string {
  const received = Date.parse(receivedAt) * 1000;
  const time = judgeTime({ stated: stated ?? undefined, receivedAt: received, oldest: 0 });
  const at = exactTime(time.recordedAt / 1000);
  if (time.timeSource === 'device') return `${at}, as it states`;
  if (stated === null) return `${at}, when it was received: it states no time`;
  const why = { ahead: 'too far ahead', before_2000: 'before 2000', unreadable: 'no time' };
  return `${at}, when it was received: ${stated} is ${time.mark ? why[time.mark] : 'not believed'}`;
}
