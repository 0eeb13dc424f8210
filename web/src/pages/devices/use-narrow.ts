import { useMediaQuery } from '@mantine/hooks';

/** True where a row has no room for columns; `Devices.module.css` breaks at the same width. */
export function useNarrow(): boolean {
  return useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false;
}
