import { Button, Group, Modal, Text } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import { sentenceOf } from '../api/problem.ts';
import { Notice } from './Notice.tsx';

export interface Question {
  title: string;
  /** What will happen, by name and number. */
  text: ReactNode;
  /** The verb on the button: `Delete device`. */
  verb: string;
  danger?: boolean;
  act: () => Promise<unknown>;
}

/**
 * Asks before doing what can't be undone. The dialog stays open with the reason when it fails, and gives the
 * focus back when it closes.
 */
export function Confirm({
  question: asked,
  onClose,
}: {
  question: Question | undefined;
  onClose: () => void;
}) {
  // While the dialog fades away it still says what it said.
  const last = useRef(asked);
  if (asked) last.current = asked;
  const question = last.current;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const close = () => {
    setProblem(undefined);
    onClose();
  };
  const act = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await question?.act();
      close();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened={asked !== undefined}
      onClose={close}
      title={question?.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Text size="sm" component="div">
        {question?.text}
      </Text>
      {problem !== undefined && (
        <div style={{ marginTop: 12 }}>
          <Notice kind="bad" role="alert">
            {sentenceOf(problem)}
          </Notice>
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          Cancel
        </Button>
        <Button color={question?.danger ? 'red' : undefined} loading={busy} onClick={act}>
          {question?.verb}
        </Button>
      </Group>
    </Modal>
  );
}
