import { useNavigate } from '@tanstack/react-router';
import { useCallback, useRef, useSyncExternalStore } from 'react';
import { serverNow } from '../api/server-clock.ts';
import type { LiveEvent } from '../live/event-stream.ts';
import { useLiveEvents } from '../live/live.tsx';
import { paths } from '../paths.ts';
import { severityWords } from './in-words.ts';

/** Whether this browser tells of alerts. Kept by browser, not by person: it is this one that makes the noise. */
const key = 'notify-of-alerts';
const listeners = new Set<() => void>();

export type NotifyState = 'impossible' | 'off' | 'on' | 'refused';

function currentState(): NotifyState {
  // Browsers have notifications for secure pages only.
  if (!('Notification' in window) || !window.isSecureContext) return 'impossible';
  if (Notification.permission === 'denied') return 'refused';
  return Notification.permission === 'granted' && localStorage.getItem(key) === 'on' ? 'on' : 'off';
}

function changed(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

export function useBrowserNotifications() {
  const state = useSyncExternalStore(subscribe, currentState);
  return {
    state,
    turnOn: async () => {
      if ((await Notification.requestPermission()) === 'granted') localStorage.setItem(key, 'on');
      changed();
    },
    turnOff: () => {
      localStorage.removeItem(key);
      changed();
    },
  };
}

/** An event within so long of when an alert was found tells that it has opened, and not what was done about it later. */
const freshMs = 60_000;

/** Shows a notification for each alert that opens while the page is open; a click leads to it. */
export function useAlertNotifications(org: string): void {
  const navigate = useNavigate();
  const told = useRef(new Set<string>());
  const tell = useCallback(
    (event: LiveEvent) => {
      if (event.name !== 'alert' || currentState() !== 'on') return;
      const { id, state, severity, rule_name: rule, summary, detected_at, device } = event.data;
      const isNew =
        state === 'open' && serverNow() - Date.parse(detected_at) < freshMs && !told.current.has(id);
      if (!isNew) return;
      told.current.add(id);
      const body = device ? `${device.name}: ${summary}` : summary;
      // Of the same tag there is one, however many tabs are open.
      const shown = new Notification(`${severityWords[severity]}: ${rule}`, { body, tag: id });
      shown.onclick = () => {
        window.focus();
        void navigate({ to: paths.alert, params: { org, alert: id } });
        shown.close();
      };
    },
    [org, navigate],
  );
  useLiveEvents(tell);
}
