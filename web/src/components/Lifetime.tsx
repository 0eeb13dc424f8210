import { Select } from '@mantine/core';
import { serverNow } from '../api/server-clock.ts';

const lifetimes = [
  { value: '', label: 'Never' },
  { value: '1', label: 'After 1 day' },
  { value: '7', label: 'After 7 days' },
  { value: '30', label: 'After 30 days' },
  { value: '90', label: 'After 90 days' },
  { value: '365', label: 'After 1 year' },
];

/** When something made now stops to work by itself. @param days a number of days as text, or nothing for never */
export function Lifetime({ days, onChange }: { days: string; onChange: (days: string) => void }) {
  return (
    <Select
      label="Expires"
      data={lifetimes}
      value={days}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}

/** The end of such a lifetime that begins now, as the API takes it. */
export function endOf(days: string): string | undefined {
  return days ? new Date(serverNow() + Number(days) * 86_400_000).toISOString() : undefined;
}
