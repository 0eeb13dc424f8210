import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deviceChoicesQuery } from '../api/command-queries.ts';
import { deviceQuery } from '../api/queries.ts';
import type { Device } from '../api/types.ts';
import { useOrganization } from '../session/session.ts';
import { IconCpu } from './icons.ts';

interface Props {
  /** Its id; undefined for none. */
  device: string | undefined;
  /** What stands there then, and is chosen by clearing: `All devices`. */
  none: string;
  onChoose: (device: string | undefined) => void;
  className?: string;
  disabled?: boolean;
  error?: string | undefined;
}

/** One device of however many, found by its name. */
export function DeviceChoice({ device, none, onChoose, className, disabled, error }: Props) {
  const { id: org } = useOrganization();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const { data: chosen } = useQuery({ ...deviceQuery(org, device ?? ''), enabled: device !== undefined });
  // What stands there of a choice that was made is not sought.
  const [sought] = useDebouncedValue(chosen && typed === labelOf(chosen) ? '' : typed, 200);
  const { data: found } = useQuery({
    ...deviceChoicesQuery(org, sought),
    enabled: opened,
    placeholderData: (before) => before,
  });
  const options = new Map((found ?? []).map((one) => [one.id, labelOf(one)]));
  if (device !== undefined) options.set(device, chosen ? labelOf(chosen) : device);
  return (
    <Select
      className={className}
      disabled={disabled}
      error={error}
      aria-label="Device"
      placeholder={none}
      leftSection={<IconCpu size={16} />}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': none }}
      data={[...options].map(([value, label]) => ({ value, label }))}
      // The platform has sought already.
      filter={({ options: all }) => all}
      nothingFoundMessage={found ? 'No device has that name' : undefined}
      value={device ?? null}
      onChange={(id) => onChoose(id ?? undefined)}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpened(true)}
    />
  );
}

function labelOf({ name, external_device_id: id }: Device): string {
  return name === id ? name : `${name} · ${id}`;
}
