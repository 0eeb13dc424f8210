import { ActionIcon, Tooltip } from '@mantine/core';
import { IconDownload } from './icons.ts';
import { saveFile } from './save-file.ts';

/** Saves a text as a file of that name. */
export function DownloadButton({ name, text }: { name: string; text: string }) {
  const save = () => saveFile(name, new Blob([text], { type: 'text/plain' }));
  return (
    <Tooltip label={`Download ${name}`}>
      <ActionIcon variant="default" size={30} onClick={save} aria-label={`Download ${name}`}>
        <IconDownload size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
