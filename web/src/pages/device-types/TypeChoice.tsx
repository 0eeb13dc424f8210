import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { AnchorLink } from '../../components/links.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';

interface Props {
  /** Its id; null for none; undefined while nothing is chosen. */
  type: string | null | undefined;
  onChoose: (type: string | null) => void;
  error?: string;
}

/** Which type a device is of. */
export function TypeChoice({ type, onChoose, error }: Props) {
  const { id: org } = useOrganization();
  const { data: types } = useQuery(deviceTypesQuery(org));
  const none = '';
  return (
    <Select
      label="Type"
      description={
        types?.length === 0 ? (
          <>
            There are no types yet.{' '}
            <AnchorLink to={paths.newDeviceType} params={{ org }} inherit>
              Declare one
            </AnchorLink>{' '}
            with the commands that such devices understand and what they measure.
          </>
        ) : (
          'It says which commands the device understands, and what its values are called'
        )
      }
      data={[
        { value: none, label: 'No type' },
        ...(types ?? []).map(({ id, name }) => ({ value: id, label: name })),
      ]}
      placeholder="Choose one"
      value={type === undefined ? null : (type ?? none)}
      error={error}
      allowDeselect={false}
      searchable={(types?.length ?? 0) > 8}
      onChange={(chosen) => onChoose(chosen || null)}
    />
  );
}
