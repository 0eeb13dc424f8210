import { useSyncExternalStore } from 'react';

/** A line and what is between its extremes. */
export interface LineColor {
  line: string;
  fill: string;
  /** Lengths of dashes and gaps, in CSS pixels; none for a line without. */
  dash?: number[];
}

/** Colours as a canvas takes them. */
export interface ChartColors {
  /** Of a line that stands alone. */
  accent: LineColor;
  /** Of lines side by side. */
  lines: LineColor[];
  grid: string;
  text: string;
}

/**
 * Six hues that people with any colour vision tell apart, after Okabe and Ito (2008): they differ in lightness as well. Each
 * once more with dashes makes twelve.
 */
const hues = [
  'light-dark(#0b6fb8, #4aa8e8)',
  'light-dark(#d1570a, #f08a3c)',
  'light-dark(#00806b, #2fc39b)',
  'light-dark(#a8478a, #e08fc0)',
  'light-dark(#8a6d00, #e3c53c)',
  'light-dark(#4c5560, #c3cad3)',
];
const dash = [6, 4];

const darkMode = window.matchMedia('(prefers-color-scheme: dark)');
let resolved: ChartColors | undefined;

/** A canvas knows no variables, so an element is asked what they come to. */
function resolve(): ChartColors {
  const probe = document.createElement('span');
  document.body.append(probe);
  const color = (value: string) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const ofLine = (value: string, opacity: number): LineColor => ({
    line: color(value),
    fill: color(`color-mix(in srgb, ${value} ${opacity}%, transparent)`),
  });
  const lines = hues.map((hue) => ofLine(hue, 10));
  const colors = {
    accent: ofLine('var(--accent)', 18),
    lines: [...lines, ...lines.map((line) => ({ ...line, dash }))],
    grid: color('var(--line)'),
    text: color('var(--text-dim)'),
  };
  probe.remove();
  return colors;
}

function subscribe(changed: () => void): () => void {
  const listener = () => {
    resolved = undefined;
    changed();
  };
  darkMode.addEventListener('change', listener);
  return () => darkMode.removeEventListener('change', listener);
}

/** The colours of charts, again when the system turns light or dark. */
export function useChartColors(): ChartColors {
  return useSyncExternalStore(subscribe, () => {
    resolved ??= resolve();
    return resolved;
  });
}
