import { useId, useState } from 'react';
import { type QuarantineReason, quarantineReasons } from '../../../../src/domain/reading.ts';
import type { Device, DeviceMessage } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconBan, IconChevronRight, IconCircleCheck, IconCopy, IconInbox } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Panel } from '../../components/Page.tsx';
import { bytesOfBase64, hexDump, payloadPreview, readableText } from '../../format/payload.ts';
import { exactTime } from '../../format/time.ts';
import { formatBytes, plural } from '../../format/value.ts';
import { useDeviceMessages } from '../../live/use-device-messages.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Device.module.css';

const outcomes = {
  stored: { word: 'Stored', icon: IconCircleCheck, look: classes.stored },
  duplicate: { word: 'Duplicate', icon: IconCopy, look: classes.calm },
  quarantined: { word: 'Quarantined', icon: IconInbox, look: classes.warn },
  rejected: { word: 'Rejected', icon: IconBan, look: classes.bad },
} as const;

/** The last twenty messages as they came, each with what became of it. */
export function LastMessages({ device }: { device: Device }) {
  const { id: org } = useOrganization();
  const { data: messages, error, refetch } = useDeviceMessages({ org, device });
  return (
    <Panel title="Last messages" flush>
      {error && (
        <Failure what="The messages could not be read" error={error} onRetry={() => void refetch()} />
      )}
      {messages?.length === 0 && <p className={classes.detail}>None has arrived yet.</p>}
      <ul className={classes.messages}>
        {messages?.map((message) => (
          <Message key={message.received_at} device={device} message={message} />
        ))}
      </ul>
    </Panel>
  );
}

function Message({ device, message }: { device: Device; message: DeviceMessage }) {
  const [open, setOpen] = useState(false);
  const detail = useId();
  const { word, icon: Icon, look } = outcomes[message.outcome];
  const preview = payloadPreview({ text: message.payload, base64: message.payload_base64 });
  return (
    <li>
      <button
        type="button"
        className={classes.summary}
        aria-expanded={open}
        aria-controls={detail}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={15} className={classes.chevron} aria-hidden />
        <span className={`${classes.outcome} ${look}`}>
          <Icon size={16} stroke={1.9} aria-hidden />
          {word}
        </span>
        <span className={classes.when}>
          <Ago at={message.received_at} />
        </span>
        <span className={classes.preview}>{preview || '(empty)'}</span>
        <span className={`${classes.when} ${classes.size}`}>{formatBytes(message.payload_bytes)}</span>
      </button>
      {open && <Detail id={detail} device={device} message={message} />}
    </li>
  );
}

function Detail({ id, device, message }: { id: string; device: Device; message: DeviceMessage }) {
  const { id: org } = useOrganization();
  const { payload, payload_base64, reason } = message;
  const why = reason && (quarantineReasons[reason as QuarantineReason] ?? reason);
  const text = payload === null ? hexDump(bytesOfBase64(payload_base64 ?? '')) : readableText(payload);
  const facts = [
    exactTime(message.received_at),
    `QoS ${message.qos}`,
    message.retain && 'retained',
    message.outcome === 'stored' && plural(message.readings, 'reading'),
  ].filter(Boolean);
  return (
    <div id={id} className={classes.detail}>
      {why && <div>{why}</div>}
      <div className={classes.topic}>{message.topic}</div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard */}
      <pre className={classes.payload} tabIndex={0}>
        {text || '(empty)'}
      </pre>
      <div className={classes.calm}>{facts.join(' · ')}</div>
      <AnchorLink
        to={paths.decoder}
        params={{ org }}
        search={{ device: device.id, at: message.received_at }}
        size="sm"
        className={classes.bench}
      >
        Try decoders on it
      </AnchorLink>
    </div>
  );
}
