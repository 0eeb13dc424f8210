import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The one accent: a deep teal. White on its shades 6 and darker has a contrast of 4.7 and more. */
const accent: MantineColorsTuple = [
  '#e9f7f5',
  '#cdece8',
  '#9fdad3',
  '#67c3b9',
  '#39aca1',
  '#1b978b',
  '#0e8177',
  '#0b7069',
  '#0a5d57',
  '#084a46',
];

/** Neutrals, a shade towards blue. */
const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#f0f2f4',
  '#e5e8ec',
  '#d6dae0',
  '#bac0c9',
  '#97a0ab',
  '#66707c',
  '#4d5661',
  '#343b44',
  '#1e242b',
];

const dark: MantineColorsTuple = [
  '#dde2e8',
  '#b6bdc7',
  '#8f98a4',
  '#59626e',
  '#353c46',
  '#282e36',
  '#1d2228',
  '#15191e',
  '#101317',
  '#0b0d10',
];

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, gray, dark },
  black: '#1b2027',
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, 'SF Mono', Menlo, monospace",
  headings: { fontWeight: '620' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: {
      defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: true } },
    },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } },
  },
});
