import { Button, Menu } from '@mantine/core';
import { useRef, useState } from 'react';
import type { DeviceFilter } from '../../api/queries.ts';
import { IconChevronDown, IconDownload, IconUpload } from '../../components/icons.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { parseTags } from '../../tags/tags.ts';
import { ImportDevices } from './ImportDevices.tsx';

/** Devices from a file, and into one. */
export function DeviceFiles({ filter }: { filter: DeviceFilter }) {
  const { id: org } = useOrganization();
  const { allowed, why } = usePermission('member');
  const [importing, setImporting] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const askForFile = () => {
    // The dialog gives the focus back to what had it: the button, for the menu is gone by then.
    button.current?.focus();
    setImporting(true);
  };
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={220}>
        <Menu.Target>
          <Button ref={button} variant="default" rightSection={<IconChevronDown size={16} />}>
            CSV
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconUpload size={16} />}
            disabled={!allowed}
            title={why || undefined}
            onClick={askForFile}
          >
            Import devices…
          </Menu.Item>
          <Menu.Item
            component="a"
            href={exportAddress(org, filter)}
            download
            leftSection={<IconDownload size={16} />}
          >
            Export this list
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ImportDevices opened={importing} onClose={() => setImporting(false)} />
    </>
  );
}

/** A link, so that the browser saves the file however long it is. */
function exportAddress(org: string, { q, presence, type, tags }: DeviceFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ search: q, presence, device_type_id: type }))
    if (value) query.append(name, value);
  for (const tag of parseTags(tags)) query.append('tag', tag);
  return `/api/v1/organizations/${org}/devices/export?${query}`;
}
