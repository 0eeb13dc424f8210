import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './ShowMore.module.css';

interface Props {
  /** What it shows: `Show older credentials`. */
  children: ReactNode;
  onShow: () => void;
  loading?: boolean;
}

/** At the end of a list in a panel: the rest of it. */
export function ShowMore({ children, onShow, loading = false }: Props) {
  return (
    <div className={classes.more}>
      <Button variant="default" size="xs" loading={loading} onClick={onShow}>
        {children}
      </Button>
    </div>
  );
}
