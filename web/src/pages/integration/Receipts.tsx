import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { figuresEvery, receiptsQuery } from '../../api/queries.ts';
import type { Receipt } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconBan, IconCircleCheck, IconCopy } from '../../components/icons.ts';
import { Panel } from '../../components/Page.tsx';
import { ShowMore } from '../../components/ShowMore.tsx';
import { sentenceOfActivity, sentenceOfQuarantine } from '../../connect/diagnose.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Integration.module.css';

const first = 6;

/** The last messages that were not stored because they were there already, or were refused. */
export function Receipts({ integration }: { integration: string }) {
  const { id: org } = useOrganization();
  const [all, setAll] = useState(false);
  const query = useQuery({ ...receiptsQuery(org, integration), refetchInterval: figuresEvery });
  const { data: receipts, error } = query;
  return (
    <Panel title="Duplicates and rejections" flush>
      {error && (
        <div className={classes.inset}>
          <Failure what="They could not be read" error={error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {!receipts && !error && <Skeleton height={3 * 58} radius={0} />}
      {receipts?.length === 0 && (
        <Empty icon={IconCircleCheck} title="None">
          Messages that came twice, and those that were refused outright, are listed here. What could not be
          read waits in quarantine instead.
        </Empty>
      )}
      {receipts && receipts.length > 0 && (
        <ul className={classes.receipts}>
          {receipts.slice(0, all ? undefined : first).map((receipt, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nothing else tells two at the same time apart
            <ReceiptRow key={`${receipt.received_at} ${index}`} receipt={receipt} />
          ))}
        </ul>
      )}
      {receipts && receipts.length > first && !all && (
        <ShowMore onShow={() => setAll(true)}>Show all {receipts.length}</ShowMore>
      )}
    </Panel>
  );
}

function ReceiptRow({ receipt }: { receipt: Receipt }) {
  const { outcome, reason, topic, client_id, received_at } = receipt;
  const isDuplicate = outcome === 'duplicate';
  const Icon = isDuplicate ? IconCopy : IconBan;
  const why = isDuplicate
    ? 'It is stored already, and was not stored again.'
    : sentenceOfActivity(reason) || sentenceOfQuarantine(reason) || reason;
  return (
    <li className={classes.receipt}>
      <Icon size={17} stroke={1.8} className={isDuplicate ? classes.calm : classes.bad} aria-hidden />
      <div className={classes.what}>
        <strong>{isDuplicate ? 'Duplicate' : 'Rejected'}</strong> <span className={classes.calm}>{why}</span>
        <code>{topic}</code>
        {client_id && <div className={classes.calm}>client {client_id}</div>}
      </div>
      <span className={classes.calm}>
        <Ago at={received_at} />
      </span>
    </li>
  );
}
