import { Button, Checkbox } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import type { Quarantined } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import {
  IconAlertTriangle,
  IconChevronDown,
  IconFlask,
  IconRotate,
  IconTrash,
} from '../../components/icons.ts';
import { AnchorLink, ButtonLink } from '../../components/links.tsx';
import { sentenceOfQuarantine } from '../../connect/diagnose.ts';
import { payloadPreview } from '../../format/payload.ts';
import { exactTime } from '../../format/time.ts';
import { formatBytes } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { Payload } from './Payload.tsx';
import classes from './Quarantine.module.css';

interface Props {
  message: Quarantined;
  open: boolean;
  onOpen: () => void;
  /** Absent for those who may not. */
  actions: Actions | undefined;
}

interface Actions {
  selected: boolean;
  onSelect: () => void;
  onReplay: () => void;
  onDiscard: () => void;
}

/** One message: why it is here and where it came from; its bytes when opened. */
export function MessageRow({ message, open, onOpen, actions }: Props) {
  const body = useId();
  const { reason, topic, external_device_id: device, client_id: client } = message;
  const preview = payloadPreview({ text: message.payload, base64: message.payload_base64 });
  return (
    <li className={classes.row} data-open={open || undefined}>
      <div className={classes.summary} data-selectable={actions ? true : undefined}>
        {actions && (
          <Checkbox
            className={classes.check}
            aria-label={`Select ${reason}, ${topic}`}
            checked={actions.selected}
            onChange={actions.onSelect}
          />
        )}
        <div className={classes.why}>
          <button
            type="button"
            className={classes.toggle}
            aria-expanded={open}
            aria-controls={body}
            onClick={onOpen}
          >
            <IconAlertTriangle size={16} stroke={1.9} aria-hidden />
            <span className={classes.word}>{reason}</span>
            <IconChevronDown size={15} className={classes.chevron} aria-hidden />
          </button>
          <span className={classes.sentence}>{sentenceOfQuarantine(reason) || message.detail}</span>
        </div>
        <div className={classes.where}>
          <span className={classes.who}>
            {device ?? 'No device'} {client && <span className={classes.client}>client {client}</span>}
          </span>
          <code className={classes.topic} title={topic}>
            {topic}
          </code>
          <code className={classes.preview}>{preview || '(nothing)'}</code>
        </div>
        <div className={classes.when}>
          <Ago at={message.received_at} />
          <span className="figures">{formatBytes(message.payload_bytes)}</span>
        </div>
      </div>
      <div id={body} hidden={!open} className={classes.body}>
        {open && <Details message={message} actions={actions} />}
      </div>
    </li>
  );
}

function Details({ message, actions }: { message: Quarantined; actions: Actions | undefined }) {
  const { id: org } = useOrganization();
  const { external_device_id: device, client_id: client } = message;
  return (
    <>
      <dl className={classes.facts}>
        <Fact name="Topic">
          <code className={classes.whole}>{message.topic}</code>
        </Fact>
        {message.detail && <Fact name="In detail">{message.detail}</Fact>}
        <Fact name="Device">
          {device ? (
            <AnchorLink to={paths.devices} params={{ org }} search={{ q: device }} inherit>
              {device}
            </AnchorLink>
          ) : (
            'not known'
          )}
        </Fact>
        <Fact name="Client">{client ?? 'not known'}</Fact>
        <Fact name="Received">
          <time dateTime={message.received_at}>{exactTime(message.received_at)}</time>
        </Fact>
        <Fact name="Sent with">
          QoS {message.qos}
          {message.retain ? ', retained' : ''}
        </Fact>
      </dl>
      <Payload org={org} message={message} />
      {actions && (
        <div className={classes.actions}>
          <ButtonLink
            to={paths.decoder}
            params={{ org }}
            search={{ message: message.id }}
            size="xs"
            variant="default"
            leftSection={<IconFlask size={15} />}
          >
            Preview with another decoder
          </ButtonLink>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRotate size={15} />}
            onClick={actions.onReplay}
            aria-label={`Replay this message, ${message.reason}`}
          >
            Replay
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconTrash size={15} />}
            onClick={actions.onDiscard}
            aria-label={`Discard this message, ${message.reason}`}
          >
            Discard
          </Button>
        </div>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
