import { useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { LiveConnection } from '../../api/types.ts';
import { tell } from '../../components/toasts.ts';
import { useOrganization } from '../../session/session.ts';

/** Ends a connection. One that has ended by itself meanwhile is as good. */
export function useDisconnect(): (connection: LiveConnection) => Promise<void> {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  return async ({ id, client_id }) => {
    const params = { path: { org, connection: id } };
    try {
      await answer(api.DELETE('/api/v1/organizations/{org}/connections/{connection}', { params }));
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 404)) throw error;
    }
    await queries.invalidateQueries({ queryKey: [org, 'connections'] });
    tell(`${client_id} is disconnected`);
  };
}
