import { Button } from '@mantine/core';
import { isPassing, sentenceOf } from '../api/problem.ts';
import { IconRefresh } from './icons.ts';
import { Notice } from './Notice.tsx';

/** Something that could not be read: what, why, and the way to try again. */
export function Failure({ what, error, onRetry }: { what: string; error: unknown; onRetry?: () => void }) {
  const retry = onRetry && (
    <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
      Try again
    </Button>
  );
  return (
    <Notice kind="bad" title={what} role="alert" action={retry}>
      {sentenceOf(error)} {isPassing(error) && 'This page tries again by itself.'}
    </Notice>
  );
}
