import { CloseButton, Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { IconSearch } from './icons.ts';
import classes from './Search.module.css';

interface Props {
  /** `Search devices` */
  label: string;
  /** What is searched: `Name or id`. */
  placeholder: string;
  /** What the address says. */
  q: string | undefined;
  /** Puts it there, shortly after the last key. */
  onFind: (q: string | undefined) => void;
  className?: string;
}

/** The search of a page: `/` leads to it, and what is typed stands in the address. */
export function Search({ label, placeholder, q, onFind, className }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q ?? '');
  // Back and forward change the address under us.
  const typed = useRef(q);
  useEffect(() => {
    if (q !== typed.current) setText(q ?? '');
    typed.current = q;
  }, [q]);
  const find = useDebouncedCallback((next: string) => {
    typed.current = next || undefined;
    onFind(typed.current);
  }, 200);
  const change = (next: string) => {
    setText(next);
    find(next);
  };
  useHotkeys([['/', () => input.current?.select()]]);
  return (
    <TextInput
      ref={input}
      className={`${classes.search} ${className ?? ''}`}
      type="search"
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={placeholder}
      leftSection={<IconSearch size={16} />}
      rightSection={
        text ? (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => change('')} />
        ) : (
          <Kbd size="xs" visibleFrom="sm" aria-hidden>
            /
          </Kbd>
        )
      }
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}
