import { useRef } from 'react';

/**
 * The same array for as long as nothing of it has changed.
 * @param partsOf what makes an element another one
 */
export function useStable<Value>(
  value: readonly Value[],
  partsOf: (one: Value) => readonly unknown[],
): readonly Value[] {
  const kept = useRef(value);
  if (!isSame(kept.current.flatMap(partsOf), value.flatMap(partsOf))) kept.current = value;
  return kept.current;
}

export function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => Object.is(part, other[index]));
}
