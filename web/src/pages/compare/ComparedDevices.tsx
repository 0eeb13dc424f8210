import { CloseButton, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Device } from '../../api/types.ts';
import { useChartColors } from '../../charts/colors.ts';
import { mostCompared, toggled } from '../../charts/compare.ts';
import { DeviceChoice } from '../../components/DeviceChoice.tsx';
import { PresenceIcon } from '../../components/Presence.tsx';
import { useLiveDevice } from '../../live/live.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Compare.module.css';
import { Swatch } from './Swatch.tsx';

interface Props {
  ids: readonly string[];
  devices: ReadonlyMap<string, Device>;
  /** False while some are still to be read: they are not gone yet. */
  isRead: boolean;
  onChange: (ids: string[] | undefined) => void;
}

/** What is compared: each with its line, and a way out; and a field for one more. */
export function ComparedDevices({ ids, devices, isRead, onChange }: Props) {
  const { lines } = useChartColors();
  const isFull = ids.length >= mostCompared;
  return (
    <ul className={classes.devices} aria-label="Compared devices">
      {ids.map((id, index) => {
        const device = devices.get(id);
        const remove = () => onChange(toggled(ids, id, mostCompared));
        return (
          <li key={id} className={classes.device}>
            <Swatch color={lines[index]!} />
            {device ? (
              <Name device={device} />
            ) : (
              <span className={classes.gone}>{isRead && 'A device that is gone'}</span>
            )}
            <CloseButton size="sm" aria-label={`Remove ${device?.name ?? 'it'}`} onClick={remove} />
          </li>
        );
      })}
      <li className={classes.add}>
        <Tooltip label={`No more than ${mostCompared} lines are told apart`} disabled={!isFull}>
          <div>
            <DeviceChoice
              // Empty again after each.
              key={ids.length}
              device={undefined}
              none={ids.length === 0 ? 'Add a device' : 'Add another device'}
              disabled={isFull}
              onChoose={(id) => id && !ids.includes(id) && onChange([...ids, id])}
            />
          </div>
        </Tooltip>
      </li>
    </ul>
  );
}

function Name({ device: read }: { device: Device }) {
  const { id: org } = useOrganization();
  const device = useLiveDevice(read);
  return (
    <>
      <Link to={paths.device} params={{ org, device: device.id }} className={classes.name}>
        {device.name}
      </Link>
      <PresenceIcon presence={device.presence} />
    </>
  );
}
