import { type ReactNode, useEffect, useRef } from 'react';
import classes from './FilterChips.module.css';

interface Props<Value extends string> {
  /** What is chosen by them, for those who hear the page: `Presence`. */
  label: string;
  /** What choosing none of them comes to. */
  all?: string;
  options: { value: Value; label: ReactNode; title?: string }[];
  /** Undefined for all. */
  chosen: Value | undefined;
  onChoose: (value: Value | undefined) => void;
}

/** One of a few, or all: a list narrowed by a press, and widened by another one. */
export function FilterChips<Value extends string>({
  label,
  all = 'All',
  options,
  chosen,
  onChoose,
}: Props<Value>) {
  const chips = useRef<HTMLFieldSetElement>(null);
  // Where they don't fit side by side, the one that counts is in sight.
  useEffect(() => {
    const pressed = chips.current?.querySelector<HTMLElement>('[aria-pressed="true"]');
    if (chosen && pressed) chips.current!.scrollLeft = pressed.offsetLeft - chips.current!.offsetLeft - 24;
  }, [chosen]);
  return (
    <fieldset className={classes.chips} ref={chips}>
      <legend className="visually-hidden">{label}</legend>
      <button type="button" aria-pressed={chosen === undefined} onClick={() => onChoose(undefined)}>
        {all}
      </button>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          title={option.title}
          aria-pressed={chosen === option.value}
          onClick={() => onChoose(chosen === option.value ? undefined : option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
