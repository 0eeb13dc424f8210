import { NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { organizationQuery } from '../api/queries.ts';
import { formatCount } from '../format/value.ts';
import { asSentence } from '../integrations/draft.ts';
import { useOrganization } from '../session/session.ts';

interface Props {
  days: number | string;
  onChange: (days: number | string) => void;
  error?: string | undefined;
  disabled?: boolean;
  /** What is kept if it says nothing. */
  otherwise: 'platform' | 'organization';
}

/** For how many days readings are kept; empty for as long as they are anyway. */
export function RetentionField({ days, onChange, error, disabled, otherwise }: Props) {
  const { id: org } = useOrganization();
  const { data } = useQuery(organizationQuery(org));
  const most = data?.platform_retention_days;
  const anyway = otherwise === 'organization' ? (data?.retention_days ?? most) : most;
  return (
    <NumberInput
      label="Keep readings for"
      description="Older ones are deleted. Hourly and daily figures stay for longer."
      placeholder={anyway === undefined ? undefined : `${formatCount(anyway)} days, as everything here`}
      suffix=" days"
      min={1}
      max={most}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      hideControls
      disabled={disabled}
      value={days}
      error={error && asSentence(error)}
      onChange={onChange}
    />
  );
}

/** As the API takes it. */
export function retentionOf(days: number | string): number | null {
  return typeof days === 'number' ? days : null;
}
