import type { Integration } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Notice } from '../../components/Notice.tsx';

/** What keeps our connection to the customer's broker away: since when, why, and when it is tried again. */
export function StatusNotice({ integration: { status } }: { integration: Integration }) {
  if (status?.state === 'waiting') {
    return (
      <Notice kind="info" title="Nothing subscribes yet">
        No subscriber process has taken it up. That takes a few seconds where one runs; else the operator of
        this platform has to start one.
      </Notice>
    );
  }
  if (status?.state !== 'retrying' && status?.state !== 'refused') return null;
  const { state, detail, since, next_try_at } = status;
  return (
    <Notice
      kind={state === 'refused' ? 'bad' : 'warn'}
      title={state === 'refused' ? 'Your broker refuses us' : 'Your broker can’t be reached'}
      role="status"
    >
      {detail}{' '}
      {since && (
        <>
          It began <Ago at={since} />.{' '}
        </>
      )}
      {next_try_at && (
        <>
          Next try <Ago at={next_try_at} />.
        </>
      )}
    </Notice>
  );
}
