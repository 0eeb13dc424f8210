import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { copyText } from './copy-text.ts';
import { IconCheck, IconCopy } from './icons.ts';
import { tellProblem } from './toasts.ts';

interface Props {
  text: string;
  /** What is copied, for those who hear the button: `Copy password`. */
  label: string;
  /** With its label beside the icon. */
  wide?: boolean;
  onCopied?: () => void;
}

/** Copies a text and says so where one is looking: on the button. */
export function CopyButton({ text, label, wide = false, onCopied }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (!(await copyText(text))) {
      tellProblem(
        'Not copied',
        new Error('The browser does not allow it. Select the text and copy it by hand.'),
      );
      return;
    }
    setCopied(true);
    onCopied?.();
  };
  const icon = copied ? <IconCheck size={16} stroke={2.2} /> : <IconCopy size={16} />;
  const said = (
    <span className="visually-hidden" aria-live="polite">
      {copied ? 'Copied' : ''}
    </span>
  );
  if (wide) {
    return (
      <>
        <Button
          size="xs"
          variant={copied ? 'light' : 'default'}
          leftSection={icon}
          onClick={copy}
          aria-label={label}
          miw={92}
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
        {said}
      </>
    );
  }
  return (
    <>
      <Tooltip label={copied ? 'Copied' : label}>
        <ActionIcon variant="subtle" color={copied ? 'accent' : 'gray'} onClick={copy} aria-label={label}>
          {icon}
        </ActionIcon>
      </Tooltip>
      {said}
    </>
  );
}
