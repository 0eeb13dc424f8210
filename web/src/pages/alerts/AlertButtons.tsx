import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { snoozeChoices } from '../../alerts/snooze.ts';
import { useAlertActions } from '../../alerts/use-alert-actions.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Alert } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { IconBellZ, IconChecks, IconChevronDown, IconCircleCheck } from '../../components/icons.ts';
import { plural } from '../../format/value.ts';
import classes from './Alerts.module.css';

interface Props {
  alerts: readonly Alert[];
  onDone?: () => void;
}

/** Acknowledge, snooze and resolve, as far as there is something left to it. */
export function AlertButtons({ alerts, onDone }: Props) {
  const { act, busy } = useAlertActions();
  const [question, setQuestion] = useState<Question>();
  const current = alerts.filter(({ state }) => state !== 'resolved');
  const open = current.filter(({ state }) => state === 'open');
  const ids = (of: readonly Alert[]) => of.map(({ id }) => id);
  const done = (isDone: boolean) => {
    if (isDone) onDone?.();
  };
  const acknowledge = async () => done(await act({ action: 'acknowledge', alert_ids: ids(open), note: '' }));
  const snooze = async (until: number | null) =>
    done(
      await act({
        action: 'snooze',
        alert_ids: ids(current),
        until: until === null ? null : new Date(until).toISOString(),
        note: '',
      }),
    );
  const askToResolve = () =>
    setQuestion({
      title: `Resolve ${current.length === 1 ? `“${current[0]!.rule_name}”` : plural(current.length, 'alert')}?`,
      text: 'An alert resolves by itself when its condition no longer holds. Resolved by hand it opens again only when the condition begins anew.',
      verb: current.length === 1 ? 'Resolve it' : `Resolve ${plural(current.length, 'alert')}`,
      act: async () => done(await act({ action: 'resolve', alert_ids: ids(current), note: '' })),
    });
  if (current.length === 0) return <span className={classes.dim}>Nothing left to be done</span>;
  const isSnoozed = current.some(({ snoozed_until: until }) => until && Date.parse(until) > Date.now());
  return (
    <div className={classes.buttons}>
      {open.length > 0 && (
        <Button
          size="xs"
          leftSection={<IconChecks size={15} />}
          loading={busy === 'acknowledge'}
          onClick={() => void acknowledge()}
        >
          Acknowledge
        </Button>
      )}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconBellZ size={15} />}
            rightSection={<IconChevronDown size={14} />}
            loading={busy === 'snooze'}
          >
            Snooze
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Notify nobody</Menu.Label>
          {snoozeChoices(serverNow()).map(({ label, until }) => (
            <Menu.Item key={label} onClick={() => void snooze(until)}>
              {label}
            </Menu.Item>
          ))}
          {isSnoozed && <Menu.Item onClick={() => void snooze(null)}>Notify again</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <Button size="xs" variant="default" leftSection={<IconCircleCheck size={15} />} onClick={askToResolve}>
        Resolve…
      </Button>
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </div>
  );
}
