import { ActionIcon, Tooltip } from '@mantine/core';
import { IconDownload } from './icons.ts';

/** Saves a text as a file of that name. */
export function DownloadButton({ name, text }: { name: string; text: string }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    // The browser reads it before it is taken back: the click has begun the download.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <Tooltip label={`Download ${name}`}>
      <ActionIcon variant="default" size={30} onClick={save} aria-label={`Download ${name}`}>
        <IconDownload size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
