import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { deviceByNameQuery, quarantineQuery } from '../../api/queries.ts';
import type { Device, Quarantined } from '../../api/types.ts';
import { useActivity } from '../../components/use-activity.ts';
import { useNow } from '../../components/use-now.ts';
import { diagnose, type Observed, type Progress } from '../../connect/diagnose.ts';
import type { LiveEvent } from '../../live/event-stream.ts';
import { useLiveEvents } from '../../live/live.tsx';
import { useDeviceMessages } from '../../live/use-device-messages.ts';

export interface Awaited {
  org: string;
  credentialId: string;
  /** The device of the commands. Another one that is new may turn up instead when the credential is the organization's. */
  externalDeviceId: string;
  anyDevice: boolean;
  topic: string;
  /** Since when, in ms since 1970 by the platform's clock. What happened before is not looked at. */
  since: number;
}

export interface FirstMessage {
  progress: Progress;
  device: Device | null;
  quarantined: Quarantined | undefined;
}

/** Events make it immediate; asking every few seconds makes it certain. */
const everyMs = 3000;

/** Watches one credential until its first reading is stored, and knows what keeps it away. */
export function useFirstMessage(awaited: Awaited): FirstMessage {
  const { org, credentialId, since, topic } = awaited;
  const externalDeviceId = useNewDevice(awaited);
  const [done, setDone] = useState(false);
  const every = done ? false : everyMs;

  const activity = useActivity(org, {
    credential: credentialId,
    limit: 20,
    every: done ? undefined : everyMs,
  });
  const device =
    useQuery({ ...deviceByNameQuery(org, externalDeviceId), refetchInterval: every }).data ?? null;
  const reading = useFirstReading(device?.id, since);
  const messages = useDeviceMessages({ org, device, every: done ? undefined : everyMs });
  const quarantine = useInfiniteQuery({ ...quarantineQuery(org), refetchInterval: every });
  const now = useNow();

  const seen = useMemo(() => {
    const recent = (at: string) => Date.parse(at) >= since;
    const entries = (activity.items ?? []).filter((entry) => recent(entry.occurred_at));
    const clients = new Set(entries.map((entry) => entry.client_id));
    return {
      activity: entries,
      messages: [...reading, ...(messages.data ?? []).filter((message) => recent(message.received_at))],
      quarantined: (quarantine.data?.pages[0]?.items ?? []).filter(
        (message) =>
          recent(message.received_at) &&
          (message.external_device_id === externalDeviceId ||
            (message.client_id !== null && clients.has(message.client_id))),
      ),
    };
  }, [activity.items, reading, messages.data, quarantine.data, externalDeviceId, since]);

  const progress = diagnose(seen, { since, now, topic });
  if (progress.stored === 'done' && !done) setDone(true);
  const quarantined = seen.quarantined.find(({ id }) => id === progress.trouble?.quarantinedId);
  return { progress, device, quarantined };
}

const noReading: Observed['messages'] = [];

/** The first reading that an event tells of, as the stored message it is: its raw message is written down a moment later. */
function useFirstReading(deviceId: string | undefined, since: number): Observed['messages'] {
  const [first, setFirst] = useState<{ deviceId: string; messages: Observed['messages'] }>();
  const watch = useCallback(
    (event: LiveEvent) => {
      if (event.name !== 'reading' || event.data.device_id !== deviceId) return;
      const { received_at } = event.data;
      if (Date.parse(received_at) < since) return;
      const messages = [{ received_at, outcome: 'stored', reason: null, topic: '', readings: 1 }];
      setFirst((known) => (known?.deviceId === deviceId ? known : { deviceId, messages }));
    },
    [deviceId, since],
  );
  useLiveEvents(watch);
  return first && first.deviceId === deviceId ? first.messages : noReading;
}

/** The device to look at: the one of the commands, until one appears that was not there before. */
function useNewDevice({ org, externalDeviceId, anyDevice, since }: Awaited): string {
  const queries = useQueryClient();
  const [appeared, setAppeared] = useState<string>();
  const watch = useCallback(
    async (event: LiveEvent) => {
      if (!anyDevice || event.name !== 'presence' || event.data.external_device_id === externalDeviceId)
        return;
      const name = event.data.external_device_id;
      const device = await queries.fetchQuery(deviceByNameQuery(org, name)).catch(() => null);
      if (device && Date.parse(device.created_at) >= since) setAppeared(name);
    },
    [queries, org, externalDeviceId, anyDevice, since],
  );
  useLiveEvents(watch);
  return appeared ?? externalDeviceId;
}
