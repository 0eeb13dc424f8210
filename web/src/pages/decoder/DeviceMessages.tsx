import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { devicesPrefix } from '../../../../src/domain/hosted-topic.ts';
import { deviceQuery, devicesQuery } from '../../api/queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { useDeviceMessages } from '../../live/use-device-messages.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Decoder.module.css';
import { MessageButton } from './MessageButton.tsx';

const words = {
  stored: 'Stored',
  duplicate: 'Duplicate',
  quarantined: 'Quarantined',
  rejected: 'Rejected',
} as const;

/** A device, and the last messages that it sent. */
export function DeviceMessages() {
  const { id: org } = useOrganization();
  const { device: chosen, at: picked } = useSearch({ from: paths.decoder });
  const navigate = useNavigate({ from: paths.decoder });
  const { data: device } = useQuery({ ...deviceQuery(org, chosen ?? ''), enabled: chosen !== undefined });
  const { data: messages, error } = useDeviceMessages({ org, device: device ?? null });
  return (
    <>
      <DeviceSelect
        chosen={device && { id: device.id, name: device.external_device_id }}
        onChoose={(id) => void navigate({ to: '.', search: id ? { device: id } : {} })}
      />
      {chosen === undefined && (
        <p className={classes.dim}>Choose a device to see the last 20 messages it sent.</p>
      )}
      {error && <Failure what="The messages could not be read" error={error} />}
      {messages?.length === 0 && <p className={classes.dim}>None has arrived from it yet.</p>}
      {messages && messages.length > 0 && (
        <ul className={classes.messages} aria-label="The device’s last messages">
          {messages.map((message) => (
            <MessageButton
              key={message.received_at}
              word={message.reason ?? words[message.outcome]}
              isTrouble={message.outcome === 'quarantined' || message.outcome === 'rejected'}
              who={message.topic.replace(devicesPrefix(org), '')}
              at={message.received_at}
              payload={{ text: message.payload, base64: message.payload_base64 }}
              isPicked={message.received_at === picked}
              onPick={() => void navigate({ to: '.', search: { device: chosen, at: message.received_at } })}
            />
          ))}
        </ul>
      )}
    </>
  );
}

/** Found by a part of its name, as on the list of devices. */
function DeviceSelect({
  chosen,
  onChoose,
}: {
  chosen: { id: string; name: string } | undefined;
  onChoose: (id: string | undefined) => void;
}) {
  const { id: org } = useOrganization();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed === chosen?.name ? '' : typed, 200);
  const { data } = useInfiniteQuery({
    ...devicesQuery(org, { q: q || undefined }),
    placeholderData: (before) => before,
  });
  const found = (data?.pages[0]?.items ?? [])
    .slice(0, 50)
    .map((device) => ({ value: device.id, label: device.external_device_id }));
  const known = found.some(({ value }) => value === chosen?.id);
  return (
    <Select
      aria-label="Device"
      placeholder="Which device"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Choose no device' }}
      data={chosen && !known ? [...found, { value: chosen.id, label: chosen.name }] : found}
      // The platform has searched already.
      filter={({ options }) => options}
      value={chosen?.id ?? null}
      nothingFoundMessage="No device is called so"
      onSearchChange={setTyped}
      onChange={(id) => onChoose(id ?? undefined)}
    />
  );
}
