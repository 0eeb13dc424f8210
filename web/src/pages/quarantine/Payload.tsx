import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { quarantinedQuery } from '../../api/queries.ts';
import type { Quarantined } from '../../api/types.ts';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { Failure } from '../../components/Failure.tsx';
import { bytesOfBase64, hexDump, readableText } from '../../format/payload.ts';
import { formatBytes } from '../../format/value.ts';
import classes from './Quarantine.module.css';

type View = 'text' | 'hex';

/**
 * The bytes as they came: text where they are text, hex for whoever wants to look closer. A list carries only
 * their beginning; the rest is read here.
 */
export function Payload({ org, message }: { org: string; message: Quarantined }) {
  const beginning = useMemo(() => bytesOfBase64(message.payload_base64), [message.payload_base64]);
  const cut = beginning.length < message.payload_bytes;
  const whole = useQuery({ ...quarantinedQuery(org, message.id), enabled: cut });
  const { payload, payload_base64 } = whole.data ?? message;
  const [chosen, setChosen] = useState<View>('text');
  const view: View = payload === null ? 'hex' : chosen;
  const shown = useMemo(
    () => (view === 'hex' ? hexDump(bytesOfBase64(payload_base64)) : readableText(payload ?? '')),
    [view, payload, payload_base64],
  );
  if (message.payload_bytes === 0) return <p className={classes.note}>The payload is empty.</p>;
  return (
    <>
      {whole.error && <Failure what="The rest of the payload could not be read" error={whole.error} />}
      <CodeBlock
        code={shown}
        label="payload"
        bar={
          <SegmentedControl
            size="xs"
            aria-label="Payload as"
            value={view}
            onChange={(value) => setChosen(value as View)}
            data={[
              { value: 'text', label: 'Text', disabled: payload === null },
              { value: 'hex', label: 'Hex' },
            ]}
          />
        }
      />
      {payload === null && <p className={classes.note}>These bytes are no UTF-8 text.</p>}
      {cut && !whole.data && (
        <p className={classes.note}>
          The first {formatBytes(beginning.length)} of {formatBytes(message.payload_bytes)}.
        </p>
      )}
    </>
  );
}
