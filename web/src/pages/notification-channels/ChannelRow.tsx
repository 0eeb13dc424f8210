import { useState } from 'react';
import type { NotificationChannel, NotificationTest } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { FormProblem } from '../../components/FormProblem.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconSend,
} from '../../components/icons.ts';
import { Notice } from '../../components/Notice.tsx';
import rows from '../../components/Rows.module.css';
import { useSubmit } from '../../components/use-submit.ts';
import { channelKinds } from '../../notifications/kinds.ts';
import { channelHealth } from '../../notifications/states.ts';
import { severityChoices } from './ChannelFields.tsx';
import { ChannelMenu, type MenuActions } from './ChannelMenu.tsx';
import classes from './NotificationChannels.module.css';
import { useChannelChanges } from './use-channel-changes.ts';

/** A channel: where it leads, how it went last, and a test. */
export function ChannelRow({ channel, ...actions }: { channel: NotificationChannel } & MenuActions) {
  const kind = channelKinds[channel.kind];
  const { test } = useChannelChanges(channel);
  const [result, setResult] = useState<NotificationTest>();
  const { submit, busy, problem } = useSubmit(async () => {
    setResult(undefined);
    setResult(await test());
  });
  return (
    <li className={`${rows.row} ${classes.channel}`}>
      <kind.icon size={20} stroke={1.7} className={classes.kind} aria-hidden />
      <div className={rows.main}>
        <div className={rows.title}>{channel.name}</div>
        <div className={rows.detail}>
          <span>
            {kind.label} to{' '}
            {channel.to ? recipients(channel.to) : <code className={rows.code}>{channel.url}</code>}
          </span>
          {channel.min_severity !== 'info' && (
            <span>{severityChoices.find(({ value }) => value === channel.min_severity)!.label}</span>
          )}
          {channel.quiet_hours && <span>Quiet hours</span>}
          {channel.schedule && <span>At certain times</span>}
        </div>
        <LastOutcome channel={channel} />
      </div>
      <div className={`${rows.actions} ${classes.buttons}`}>
        <GatedButton
          needs="admin"
          size="xs"
          variant="default"
          leftSection={<IconSend size={15} />}
          loading={busy}
          aria-label={`Send a test to ${channel.name}`}
          onClick={() => void submit(undefined)}
        >
          Send a test
        </GatedButton>
        <ChannelMenu channel={channel} {...actions} />
      </div>
      <div className={classes.trial} aria-live="polite">
        <FormProblem problem={problem} />
        {result && <TestResult result={result} />}
      </div>
    </li>
  );
}

function recipients([first, ...others]: string[]): string {
  return others.length > 0 ? `${first} and ${others.length} more` : first!;
}

function TestResult({ result: { ok, answer, problem, ms } }: { result: NotificationTest }) {
  return (
    <Notice kind={ok ? 'info' : 'bad'} title={ok ? 'The test has arrived' : 'The test did not arrive'}>
      {problem?.message}
      {ok && answer && (
        <>
          The receiver answered <q className={classes.answer}>{answer}</q> after {ms} ms.
        </>
      )}
    </Notice>
  );
}

const looks = {
  off: { icon: IconBan, look: rows.past },
  new: { icon: IconCircleDashed, look: rows.past },
  good: { icon: IconCircleCheck, look: rows.good },
  failing: { icon: IconAlertTriangle, look: rows.due },
  bad: { icon: IconCircleX, look: classes.bad },
} as const;

function LastOutcome({ channel }: { channel: NotificationChannel }) {
  const health = channelHealth(channel);
  const { icon: Icon, look } = looks[health];
  return (
    <div className={`${rows.state} ${classes.outcome}`}>
      <Icon size={16} stroke={1.9} className={look} aria-hidden />
      <span>
        <Words channel={channel} health={health} />
      </span>
    </div>
  );
}

function Words({ channel, health }: { channel: NotificationChannel; health: keyof typeof looks }) {
  const { last_delivery: last, dead } = channel;
  if (health === 'off') return 'Switched off';
  if (!last) return 'Nothing to tell so far';
  if (health === 'good')
    return (
      <>
        {last.state === 'sent' ? 'Last arrived ' : 'On its way since '}
        <Ago at={last.at} />
        {dead > 0 && `; ${dead} earlier given up`}
      </>
    );
  return (
    <>
      {health === 'bad' ? 'Given up: ' : 'Does not arrive yet: '}
      {last.last_error}
    </>
  );
}
