import { Button, Loader } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { Failure } from '../components/Failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import classes from './whole-page.module.css';

/** Where an address leads nowhere, or to an organization that isn't the viewer's. */
export function PageNotFound() {
  return (
    <main className={classes.centre}>
      <div className={classes.box}>
        <h1 className={classes.title}>There is nothing here</h1>
        <p>
          The address is wrong, or it belongs to an organization that you are no member of. Ask who sent it to
          invite you.
        </p>
        <AnchorLink to="/">Go to your overview</AnchorLink>
      </div>
    </main>
  );
}

export function PageFailure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <main className={classes.centre}>
      <div className={classes.box}>
        <Failure what="This page could not be shown" error={error} onRetry={retry} />
        <Button component="a" href="/" variant="subtle" mt="md" size="xs">
          Go to your overview
        </Button>
      </div>
    </main>
  );
}

export function PagePending() {
  return (
    <div className={classes.centre}>
      <Loader size="sm" color="gray" aria-label="Loading" />
    </div>
  );
}
