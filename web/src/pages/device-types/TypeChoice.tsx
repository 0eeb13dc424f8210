import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { AnchorLink } from '../../components/links.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';

interface Props {
  /** Its id; null for none. */
  type: string | null;
  onChoose: (type: string | null) => void;
}

/** Which type a device is of. */
export function TypeChoice({ type, onChoose }: Props) {
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
            with the commands that such devices understand.
          </>
        ) : (
          'It says which commands the device understands'
        )
      }
      data={[
        { value: none, label: 'No type' },
        ...(types ?? []).map(({ id, name }) => ({ value: id, label: name })),
      ]}
      value={type ?? none}
      allowDeselect={false}
      searchable={(types?.length ?? 0) > 8}
      onChange={(chosen) => onChoose(chosen || null)}
    />
  );
}
