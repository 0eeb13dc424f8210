import { useSyncExternalStore } from 'react';

/** A line and what is between its extremes. */
export interface LineColor {
  line: string;
  fill: string;
}

/** Colours as a canvas takes them. */
export interface ChartColors {
  /** Of a line that stands alone. */
  accent: LineColor;
  grid: string;
  text: string;
}

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
  const colors = {
    accent: {
      line: color('var(--accent)'),
      fill: color('color-mix(in srgb, var(--accent) 18%, transparent)'),
    },
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
