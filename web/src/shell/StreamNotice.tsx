import { useEffect, useState } from 'react';
import { IconWifiOff } from '../components/icons.ts';
import { useStreamState } from '../live/live.tsx';
import classes from './StreamNotice.module.css';

/** A reconnect this quick is nobody's business. */
const graceMs = 1500;

/** Says that what is on the page may be old, for as long as it may be; it covers nothing and moves nothing. */
export function StreamNotice() {
  const lost = useStreamState() === 'lost';
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), graceMs);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <div role="status" className={shown ? classes.notice : undefined}>
      {shown && (
        <>
          <IconWifiOff size={16} aria-hidden />
          Live updates paused, reconnecting…
        </>
      )}
    </div>
  );
}
