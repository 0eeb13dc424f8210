import { Button, Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import type { DeviceType } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconChevronLeft, IconPencil, IconPlus, IconTemplate, IconTrash } from '../../components/icons.ts';
import { AnchorLink, ButtonLink } from '../../components/links.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { Row, Rows } from '../../components/Rows.tsx';
import { tell } from '../../components/toasts.ts';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './DeviceTypes.module.css';

/** What devices of a kind have in common: the commands that they understand, and what they measure. */
export function DeviceTypes() {
  const { id: org } = useOrganization();
  const navigate = useNavigate();
  const query = useQuery({ ...deviceTypesQuery(org), staleTime: 0 });
  const [question, setQuestion] = useState<Question>();
  const { data: types } = query;
  return (
    <Page
      title="Device types"
      description="What devices of a kind have in common: the commands that they understand, and what they measure."
      above={
        <AnchorLink to={paths.devices} params={{ org }} search={{}} className={classes.back} size="sm">
          <IconChevronLeft size={16} aria-hidden /> Devices
        </AnchorLink>
      }
      actions={
        <GatedButton
          needs="member"
          leftSection={<IconPlus size={17} />}
          onClick={() => void navigate({ to: paths.newDeviceType, params: { org } })}
        >
          New device type
        </GatedButton>
      }
    >
      {query.error && (
        <Failure
          what="The device types could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <Panel flush>
        {!types && !query.error && <Skeleton height={118} radius={10} />}
        {types?.length === 0 && (
          <Empty icon={IconTemplate} title="No device types yet">
            A type declares the commands of its devices with their fields: whoever sends one fills in a form,
            and what doesn’t fit is refused before it reaches a device. And it says what their values are
            called and measured in.
          </Empty>
        )}
        {types && types.length > 0 && (
          <Rows label="Device types">
            {types.map((type) => (
              <TypeRow key={type.id} type={type} onQuestion={setQuestion} />
            ))}
          </Rows>
        )}
      </Panel>
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Page>
  );
}

function TypeRow({ type, onQuestion }: { type: DeviceType; onQuestion: (question: Question) => void }) {
  const { id: org } = useOrganization();
  const mayEdit = usePermission('member').allowed;
  const queries = useQueryClient();
  const { id, name, commands, metrics, device_count: count } = type;
  const askToDelete = () =>
    onQuestion({
      title: `Delete ${name}?`,
      text: `${count === 0 ? 'No device is' : plural(count, 'device is', 'devices are')} of this type${count === 0 ? '' : ', and will be of none'}. Commands can still be sent to them, by a name and JSON. Those that were sent stay.`,
      verb: 'Delete device type',
      danger: true,
      act: async () => {
        const params = { path: { org, type: id } };
        await answer(api.DELETE('/api/v1/organizations/{org}/device-types/{type}', { params }));
        await queries.invalidateQueries({ queryKey: deviceTypesQuery(org).queryKey });
        for (const stale of ['devices', 'device']) void queries.invalidateQueries({ queryKey: [org, stale] });
        tell(`${name} is deleted`);
      },
    });
  return (
    <Row
      title={name}
      detail={
        <>
          <span>
            {commands.length === 0 ? 'No commands' : commands.map((command) => command.name).join(', ')}
          </span>
          {metrics.length > 0 && <span>{metrics.map(({ name, label }) => label ?? name).join(', ')}</span>}
          {count > 0 && (
            <AnchorLink to={paths.devices} params={{ org }} search={{ type: id }} inherit>
              {plural(count, 'device')}
            </AnchorLink>
          )}
        </>
      }
      actions={
        mayEdit && (
          <>
            <ButtonLink
              to={paths.deviceType}
              params={{ org, type: id }}
              size="xs"
              variant="default"
              leftSection={<IconPencil size={15} />}
              aria-label={`Edit ${name}`}
            >
              Edit
            </ButtonLink>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconTrash size={15} />}
              aria-label={`Delete ${name}…`}
              onClick={askToDelete}
            >
              Delete…
            </Button>
          </>
        )
      }
    />
  );
}
