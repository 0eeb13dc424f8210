import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyField, CopyFields } from './CopyField.tsx';
import { Notice } from './Notice.tsx';

/** A secret that is shown this one time. */
export interface Secret {
  title: string;
  /** What is shown, by its name: `Key`, `Link`. */
  values: { label: string; value: string }[];
  /** Why it won't be seen again, and what to do when it gets lost. */
  warning: ReactNode;
  more?: ReactNode;
}

/** Stays until it is closed on purpose: a click beside it does not lose the secret. */
export function OnceShown({ secret, onClose }: { secret: Secret | undefined; onClose: () => void }) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={secret?.title}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <CopyFields>
        {secret?.values.map(({ label, value }) => (
          <CopyField key={label} label={label} value={value} />
        ))}
      </CopyFields>
      <div style={{ margin: '12px 0' }}>
        <Notice kind="warn">{secret?.warning}</Notice>
      </div>
      {secret?.more}
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Modal>
  );
}
