import type { Integration } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useNow } from '../../components/use-now.ts';

/** What keeps our connection to the customer's broker away: since when, why, and when it is tried again. */
export function StatusNotice({ integration: { status } }: { integration: Integration }) {
  const now = useNow();
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
    >
      {detail}{' '}
      {since && (
        <>
          It began <Ago at={since} />.{' '}
        </>
      )}
      {next_try_at && Date.parse(next_try_at) > now && (
        <>
          Next try <Ago at={next_try_at} />.
        </>
      )}
    </Notice>
  );
}
