import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { AlertStreamEvent } from '../../../src/contract/events.ts';
import { serverNow } from '../api/server-clock.ts';
import type { LiveEvent } from '../live/event-stream.ts';
import { useLiveEvents } from '../live/live.tsx';
import { throttled } from '../live/throttle.ts';
import { paths } from '../paths.ts';
import { listenOn } from './listening-tab.ts';
import { noticeOf } from './notice.ts';

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
/** The first is told at once, what follows so soon in one. */
const gatheredMs = 5000;
/** Ids of what was told, to tell nothing twice. */
const mostTold = 5000;

/** Shows a notification for alerts that open while the page is open; a click leads to them. */
export function useAlertNotifications(org: string): void {
  const navigate = useNavigate();
  const isOn = useSyncExternalStore(subscribe, currentState) === 'on';
  useEffect(() => (isOn ? listenOn(org) : undefined), [isOn, org]);

  const waiting = useRef<AlertStreamEvent[]>([]);
  const told = useRef(new Set<string>());
  const telling = useMemo(
    () =>
      throttled(() => {
        const { alert, ...notice } = noticeOf(waiting.current.splice(0));
        // Of the same tag there is one, however many tabs are open.
        const shown = new Notification(notice.title, notice);
        shown.onclick = () => {
          window.focus();
          void (alert
            ? navigate({ to: paths.alert, params: { org, alert } })
            : navigate({ to: paths.alerts, params: { org } }));
          shown.close();
        };
      }, gatheredMs),
    [org, navigate],
  );
  useEffect(() => telling.end, [telling]);
  const take = useCallback(
    (event: LiveEvent) => {
      if (event.name !== 'alert' || currentState() !== 'on') return;
      const { id, state, detected_at } = event.data;
      const isFresh = serverNow() - Date.parse(detected_at) < freshMs;
      if (state !== 'open' || !isFresh || told.current.has(id)) return;
      if (told.current.size >= mostTold) told.current.clear();
      told.current.add(id);
      waiting.current.push(event.data);
      telling.ask();
    },
    [telling],
  );
  useLiveEvents(take);
}
