import { useQuery } from '@tanstack/react-query';
import { apiKeysQuery, membersQuery, meQuery } from '../api/queries.ts';
import type { Command } from '../api/types.ts';
import { useOrganization, usePermission } from '../session/session.ts';

/** Who asked for a command, by name where it is known; undefined while it is read. */
export function useAsker({ kind, id }: Command['requested_by']): string | undefined {
  const { id: org } = useOrganization();
  const mayKnowKeys = usePermission('admin').allowed;
  const { data: me } = useQuery(meQuery);
  const members = useQuery({ ...membersQuery(org), enabled: kind === 'user' });
  const keys = useQuery({ ...apiKeysQuery(org), enabled: kind === 'api_key' && mayKnowKeys });
  if (kind === 'sql') return 'SQL';
  if (kind === 'api_key') {
    const name = keys.data?.find((key) => key.id === id)?.name;
    return name ? `API key ${name}` : 'an API key';
  }
  if (me?.user?.id === id) return 'you';
  if (!members.data && !members.error) return undefined;
  return members.data?.find(({ user_id }) => user_id === id)?.name ?? 'a former member';
}
