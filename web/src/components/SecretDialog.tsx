import { Button, Group, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { CopyField, CopyFields } from './CopyField.tsx';
import { Notice } from './Notice.tsx';
import { useSubmit } from './use-submit.ts';

/** What is shown this one time. */
export interface Secret {
  title: string;
  /** What is shown, by its name: `Key`, `Link`. */
  values: { label: string; value: string }[];
  /** Why it won't be seen again, and what to do when it gets lost. */
  warning: ReactNode;
  more?: ReactNode;
}

/** What the form in the dialog is given. */
export interface SecretForm {
  /** Makes it; undefined: this time there is none, and the dialog closes. */
  submit: (make: () => Promise<Secret | undefined>) => Promise<void>;
  busy: boolean;
  problem: unknown;
  fields: Record<string, string>;
  cancel: () => void;
}

interface Props {
  opened: boolean;
  title: string;
  onClose: () => void;
  /** The form. It begins anew each time the dialog opens. */
  children: (form: SecretForm) => ReactNode;
}

/**
 * A form that makes a secret, and then the secret, in one dialog: so the focus goes back to what opened it. Nothing
 * but a button closes it from the moment on that a secret could get lost.
 */
export function SecretDialog({ opened, title, onClose, children }: Props) {
  const [secret, setSecret] = useState<Secret>();
  const { submit, busy, problem, fields, forget } = useSubmit(
    async (make: () => Promise<Secret | undefined>) => {
      const made = await make();
      if (made) setSecret(made);
      else onClose();
    },
  );
  const close = () => {
    if (busy) return;
    forget();
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      onExitTransitionEnd={() => setSecret(undefined)}
      title={secret?.title ?? title}
      size={secret ? 'lg' : 'md'}
      closeOnClickOutside={!secret}
      closeOnEscape={!secret}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {secret ? (
        <OnceShown secret={secret} onDone={close} />
      ) : (
        children({ submit, busy, problem, fields, cancel: close })
      )}
    </Modal>
  );
}

function OnceShown({ secret, onDone }: { secret: Secret; onDone: () => void }) {
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 14 }}>
      <CopyFields>
        {secret.values.map(({ label, value }) => (
          <CopyField key={label} label={label} value={value} />
        ))}
      </CopyFields>
      <Notice kind="warn" role="status">
        {secret.warning}
      </Notice>
      {secret.more}
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </div>
  );
}
