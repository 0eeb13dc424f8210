import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type PresenceReason, presenceReasons } from '../../../../src/domain/presence.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { deviceQuery } from '../../api/queries.ts';
import type { Device as DeviceRead } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconChevronLeft } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Page } from '../../components/Page.tsx';
import { PresenceMark } from '../../components/Presence.tsx';
import { duration } from '../../format/time.ts';
import { useLiveDevice } from '../../live/live.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { TagLinks } from '../../tags/Tags.tsx';
import classes from './Device.module.css';
import { DeviceActions } from './DeviceActions.tsx';
import { DeviceCharts } from './DeviceCharts.tsx';
import { DeviceCommands } from './DeviceCommands.tsx';
import { LastMessages } from './LastMessages.tsx';

/** One device: how it is, what it measures, and the last it sent as it came. */
export function Device() {
  const { id: org } = useOrganization();
  const { device: id } = useParams({ from: paths.device });
  const query = useQuery(deviceQuery(org, id));
  const above = (
    <AnchorLink to={paths.devices} params={{ org }} className={classes.back} size="sm">
      <IconChevronLeft size={16} aria-hidden /> Devices
    </AnchorLink>
  );
  if (query.data) return <LiveDevice key={id} read={query.data} above={above} />;
  return (
    <Page title="Device" above={above}>
      {query.error && (
        <Failure
          what="The device could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
    </Page>
  );
}

function LiveDevice({ read, above }: { read: DeviceRead; above: React.ReactNode }) {
  const device = useLiveDevice(read);
  return (
    <Page
      title={device.name}
      aside={<PresenceMark presence={device.presence} />}
      description={<Facts device={device} />}
      actions={<DeviceActions device={device} />}
      above={above}
    >
      <DeviceCharts device={device} />
      <DeviceCommands device={device} />
      <LastMessages device={device} />
    </Page>
  );
}

/** Why its presence is what it is, and since when. */
function Facts({ device }: { device: DeviceRead }) {
  const why = presenceReasons[device.presence_reason as PresenceReason] ?? '';
  const { id: org } = useOrganization();
  const { data: types } = useQuery({ ...deviceTypesQuery(org), enabled: device.device_type_id !== null });
  const type = types?.find(({ id }) => id === device.device_type_id);
  const facts = [
    type && <span key="type">{type.name}</span>,
    device.tags.length > 0 && <TagLinks key="tags" tags={device.tags} />,
    device.name !== device.external_device_id && <code key="id">{device.external_device_id}</code>,
    device.last_seen_at && (
      <span key="seen">
        Last seen <Ago at={device.last_seen_at} />
      </span>
    ),
    device.usual_interval_ms && (
      <span key="usual">reports about every {duration(Math.max(1000, device.usual_interval_ms))}</span>
    ),
  ].filter(Boolean);
  return (
    <>
      <div>{why}</div>
      <div className={classes.facts}>{facts}</div>
    </>
  );
}
