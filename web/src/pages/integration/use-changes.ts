import { useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client.ts';
import { integrationQuery } from '../../api/queries.ts';
import type { components } from '../../api/schema.d.ts';
import { useOrganization } from '../../session/session.ts';

type Change = components['schemas']['UpdateIntegration'];

/** Changes an integration, or deletes it; what is on the page follows. */
export function useChanges(integration: string) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const params = { path: { org, integration } };
  const path = '/api/v1/organizations/{org}/integrations/{integration}';
  return {
    change: async (body: Change) => {
      const changed = await answer(api.PATCH(path, { params, body }));
      queries.setQueryData(integrationQuery(org, integration).queryKey, changed);
      void queries.invalidateQueries({ queryKey: [org, 'integrations'] });
      void queries.invalidateQueries({ queryKey: [org, 'integration-setup', integration] });
    },
    remove: async () => {
      await answer(api.DELETE(path, { params }));
      await queries.invalidateQueries({ queryKey: [org, 'integrations'] });
    },
  };
}
