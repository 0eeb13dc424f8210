import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Role } from '../../../src/domain/role.ts';
import { meQuery } from '../api/queries.ts';
import type { Me } from '../api/types.ts';
import { mayAs, whyNot } from './permission.ts';

export type Membership = Me['organizations'][number];

const lastKey = 'netneural.organization';

/** The organization to begin with: the one last looked at, or the first. */
export function startingOrganization(me: Me): Membership | undefined {
  const last = localStorage.getItem(lastKey);
  return me.organizations.find(({ id }) => id === last) ?? me.organizations[0];
}

export function rememberOrganization(id: string): void {
  localStorage.setItem(lastKey, id);
}

/** The organization of the page's address. Its route has made sure that the viewer belongs to it. */
export function useOrganization(): Membership {
  const { org } = useParams({ from: '/o/$org' });
  const { data } = useSuspenseQuery(meQuery);
  const membership = data.organizations.find(({ id }) => id === org);
  if (!membership) throw new Error('not a member of this organization');
  return membership;
}

/** Whether the viewer may do what takes at least that role, and if not, why. */
export function usePermission(least: Role): { allowed: boolean; why: string } {
  const { role } = useOrganization();
  const allowed = mayAs(role, least);
  return { allowed, why: allowed ? '' : whyNot(role, least) };
}
