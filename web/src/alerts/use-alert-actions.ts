import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../api/client.ts';
import type { AlertAction } from '../api/types.ts';
import { tell, tellProblem } from '../components/toasts.ts';
import { plural } from '../format/value.ts';
import { useOrganization } from '../session/session.ts';

const done = {
  acknowledge: 'acknowledged',
  resolve: 'resolved',
  snooze: 'snoozed',
  note: 'noted',
} satisfies Record<AlertAction['action'], string>;

/** What can be done with alerts, one or many. Says what came of it. */
export function useAlertActions() {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [busy, setBusy] = useState<AlertAction['action']>();

  /** @returns whether it was done */
  const act = async (action: AlertAction): Promise<boolean> => {
    setBusy(action.action);
    try {
      const { changed } = await answer(
        api.POST('/api/v1/organizations/{org}/alerts/actions', { params: { path: { org } }, body: action }),
      );
      const word =
        action.action === 'snooze' && action.until === null ? 'no longer snoozed' : done[action.action];
      tell(changed === 0 ? 'Nothing was left to be done' : `${plural(changed, 'alert')} ${word}`);
      return true;
    } catch (error) {
      tellProblem('That did not work', error);
      return false;
    } finally {
      setBusy(undefined);
      for (const name of ['alerts', 'alert', 'alert-counts'])
        void queries.invalidateQueries({ queryKey: [org, name] });
    }
  };
  return { act, busy };
}
