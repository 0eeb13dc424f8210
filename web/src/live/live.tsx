import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { isListeningTab } from '../alerts/listening-tab.ts';
import type { Device } from '../api/types.ts';
import { type EventStream, type LiveEvent, openEventStream, type StreamState } from './event-stream.ts';
import { LiveCommands, type ShownCommand, withLiveState } from './live-commands.ts';
import { LiveDevices, withLive } from './live-devices.ts';
import { refreshOnEvents } from './refresh.ts';

interface Live {
  stream: EventStream | undefined;
  devices: LiveDevices;
  commands: LiveCommands;
}

const LiveContext = createContext<Live | undefined>(undefined);

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('outside of <LiveProvider>');
  return live;
}

/** One event stream for all pages of an organization. */
export function LiveProvider({ org, children }: { org: string; children: ReactNode }) {
  const queries = useQueryClient();
  const [stream, setStream] = useState<EventStream>();
  const devices = useMemo(() => new LiveDevices(), []);
  const commands = useMemo(() => new LiveCommands(), []);

  useEffect(() => {
    const opened = openEventStream(`/api/v1/organizations/${encodeURIComponent(org)}/events`, {
      isNeeded: isListeningTab,
    });
    const refresh = refreshOnEvents(queries, org);
    opened.onEvent((event) => {
      if (event.name === 'reading') devices.reading(event.data);
      else if (event.name === 'presence') devices.presence(event.data);
      else if (event.name === 'command') commands.event(event.data);
      else if (event.name === 'reset') {
        devices.clear();
        commands.clear();
      }
      refresh.handle(event);
    });
    const unwatch = opened.onState(() => {
      if (opened.state() !== 'live') return;
      unwatch();
      refresh.opened();
    });
    setStream(opened);
    return () => {
      refresh.end();
      opened.close();
    };
  }, [org, devices, commands, queries]);

  const live = useMemo(() => ({ stream, devices, commands }), [stream, devices, commands]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

const never = () => () => {};

export function useStreamState(): StreamState {
  const { stream } = useLive();
  return useSyncExternalStore(stream?.onState ?? never, () => stream?.state() ?? 'connecting');
}

/** A device brought up to date by events, and again with each. */
export function useLiveDevice(device: Device): Device {
  const { devices } = useLive();
  const { id } = device;
  const subscribe = useCallback((changed: () => void) => devices.subscribe(id, changed), [devices, id]);
  const live = useSyncExternalStore(subscribe, () => devices.get(id));
  return useMemo(() => withLive(device, live), [device, live]);
}

/** A command brought up to date by events, and again with each. */
export function useLiveCommand(command: ShownCommand): ShownCommand {
  const { commands } = useLive();
  const { id } = command;
  const subscribe = useCallback((changed: () => void) => commands.subscribe(id, changed), [commands, id]);
  const live = useSyncExternalStore(subscribe, () => commands.get(id));
  return useMemo(() => withLiveState(command, live), [command, live]);
}

/** Takes what an action was answered with. */
export function useLiveCommands(): LiveCommands {
  return useLive().commands;
}

/** Calls `listener`, which should be stable, with every event. */
export function useLiveEvents(listener: (event: LiveEvent) => void): void {
  const { stream } = useLive();
  useEffect(() => stream?.onEvent(listener), [stream, listener]);
}
