import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Role } from '../../../../src/contract/common.ts';
import { answer, api } from '../../api/client.ts';
import { membersQuery, meQuery } from '../../api/queries.ts';
import type { Member } from '../../api/types.ts';
import { tell, tellProblem } from '../../components/toasts.ts';
import { paths } from '../../paths.ts';
import { startingOrganization, useOrganization } from '../../session/session.ts';
import { roleWords } from './role-choices.ts';

/** What can be done about one member. */
export function useMembership(member: Member) {
  const { id: org, name: organizationName } = useOrganization();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const params = { path: { org, user: member.user_id } };
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: membersQuery(org).queryKey }),
      // It may have been one's own role.
      queries.invalidateQueries({ queryKey: meQuery.queryKey }),
    ]);

  /** @param on throws: leaves it to the caller to tell what is wrong */
  const changeRole = async (role: Role, on = { throws: false }) => {
    try {
      await answer(api.PATCH('/api/v1/organizations/{org}/members/{user}', { params, body: { role } }));
      tell(`${member.name} is ${roleWords[role].name.toLowerCase()} now`);
    } catch (error) {
      if (on.throws) throw error;
      tellProblem(`${member.name} is still ${roleWords[member.role].name.toLowerCase()}`, error);
    }
    await refresh();
  };

  const end = () => answer(api.DELETE('/api/v1/organizations/{org}/members/{user}', { params }));

  const remove = async () => {
    await end();
    await refresh();
    tell(`${member.name} is removed`);
  };

  /** Away from its pages first: they can't be shown to someone who is no member. */
  const leave = async () => {
    await end();
    const me = await answer(api.GET('/api/v1/me'));
    const next = startingOrganization(me);
    if (next) await navigate({ to: paths.overview, params: { org: next.id }, replace: true });
    else await navigate({ to: paths.welcome, replace: true });
    queries.setQueryData(meQuery.queryKey, me);
    queries.removeQueries({ queryKey: [org] });
    tell(`You have left ${organizationName}`);
  };

  return { changeRole, remove, leave };
}
