import { Button, Menu } from '@mantine/core';
import { useRef, useState } from 'react';
import { serverNow } from '../../api/server-clock.ts';
import type { Device } from '../../api/types.ts';
import { IconChevronDown, IconDownload, IconKey } from '../../components/icons.ts';
import { ExportReadings } from '../../exports/ExportReadings.tsx';
import { usePermission } from '../../session/session.ts';
import { CreateCredentials } from './CreateCredentials.tsx';

/** As many devices as one file has readings of. */
const mostExported = 100;
const DAY_MS = 86_400_000;

/** What is done with selected devices less often. */
export function MoreForSelected({ devices }: { devices: Device[] }) {
  const [creating, setCreating] = useState(false);
  const [exported, setExported] = useState<{ from: number; to: number }>();
  const button = useRef<HTMLButtonElement>(null);
  const { allowed, why } = usePermission('admin');
  const isTooMany = devices.length > mostExported;
  // A dialog gives the focus back to what had it: the button, for the menu is gone by then.
  const fromButton = (act: () => void) => () => {
    button.current?.focus();
    act();
  };
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={250}>
        <Menu.Target>
          <Button ref={button} size="xs" variant="default" rightSection={<IconChevronDown size={15} />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconKey size={16} />}
            disabled={!allowed}
            title={why || undefined}
            onClick={fromButton(() => setCreating(true))}
          >
            Create credentials…
          </Menu.Item>
          <Menu.Item
            leftSection={<IconDownload size={16} />}
            disabled={isTooMany}
            onClick={fromButton(() => setExported({ from: serverNow() - DAY_MS, to: serverNow() }))}
          >
            {isTooMany ? `Export readings (of up to ${mostExported})` : 'Export readings…'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <CreateCredentials devices={devices} opened={creating} onClose={() => setCreating(false)} />
      <ExportReadings devices={devices} span={exported} onClose={() => setExported(undefined)} />
    </>
  );
}
