import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Ago } from '../../components/Ago.tsx';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { Panel } from '../../components/Page.tsx';
import { bytesOfBase64, hexDump, readableText } from '../../format/payload.ts';
import { formatBytes } from '../../format/value.ts';
import classes from './Decoder.module.css';
import type { BenchMessage } from './use-message.ts';

/** So much is shown of a payload; all of it is decoded. */
const mostBytes = 16_384;

/** The bytes as they came, and the text that they are, if they are one. */
export function PayloadPanel({ message }: { message: BenchMessage }) {
  const [chosen, setChosen] = useState<'text' | 'hex'>();
  const view = message.text === null ? 'hex' : (chosen ?? 'text');
  const all = bytesOfBase64(message.base64);
  const bytes = all.subarray(0, mostBytes);
  const shown = view === 'hex' ? hexDump(bytes) : readableText(message.text ?? '').slice(0, mostBytes);
  return (
    <Panel title="Bytes">
      <div className={classes.stack}>
        <div>
          <code className={classes.topic}>{message.topic}</code>
          <div className={classes.dim}>
            {formatBytes(message.bytes)}, received <Ago at={message.receivedAt} />
          </div>
        </div>
        <CodeBlock
          code={shown || '(nothing)'}
          label="payload"
          bar={
            <SegmentedControl
              size="xs"
              aria-label="Payload as"
              value={view}
              onChange={(value) => setChosen(value as 'text' | 'hex')}
              data={[
                { value: 'text', label: 'Text', disabled: message.text === null },
                { value: 'hex', label: 'Hex' },
              ]}
            />
          }
        />
        {message.text === null && <p className={classes.dim}>These bytes are no UTF-8 text.</p>}
        {message.cut && (
          <p className={classes.dim}>
            Only the first {formatBytes(all.length)} are kept of a device’s last messages, and decoded here.
          </p>
        )}
      </div>
    </Panel>
  );
}
