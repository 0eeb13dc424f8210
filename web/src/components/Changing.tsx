import { type ReactNode, useEffect, useRef } from 'react';
import classes from './Changing.module.css';

/** Text that lights up for a moment when it changes. `of` is what is compared. */
export function Changing({
  of,
  children,
  className,
}: {
  of: unknown;
  children: ReactNode;
  className?: string;
}) {
  const element = useRef<HTMLSpanElement>(null);
  const before = useRef(of);
  useEffect(() => {
    if (Object.is(before.current, of)) return;
    before.current = of;
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const lit = { backgroundColor: 'var(--accent-line)', boxShadow: '0 0 0 2px var(--accent-line)' };
    element.current?.animate([lit, {}], { duration: 900, easing: 'ease-out' });
  }, [of]);
  return (
    <span ref={element} className={className ? `${classes.changing} ${className}` : classes.changing}>
      {children}
    </span>
  );
}
