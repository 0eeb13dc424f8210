import { type Role, roles } from '../../../../src/domain/role.ts';

/** What each role is called, and what it may do. */
export const roleWords: Record<Role, { name: string; may: string }> = {
  viewer: { name: 'Viewer', may: 'looks on' },
  member: { name: 'Member', may: 'works with devices' },
  admin: { name: 'Admin', may: 'manages credentials, keys and people' },
  owner: { name: 'Owner', may: 'may do everything, and makes other owners' },
};

/** Roles that someone may give: owners are made and unmade by owners. */
export function grantableBy(role: Role): Role[] {
  return roles.filter((one) => one !== 'owner' || role === 'owner');
}

/** For a select: what each may do stands with its name. */
export function roleChoices(among: Role[]): { value: Role; label: string }[] {
  return among.map((role) => ({ value: role, label: `${roleWords[role].name}: ${roleWords[role].may}` }));
}
