import { isAtLeast, type Role } from '../../../src/domain/role.ts';

const articles: Record<Role, string> = {
  viewer: 'Viewers',
  member: 'Members, admins and owners',
  admin: 'Admins and owners',
  owner: 'Owners',
};

/** True when someone with `role` may do what takes at least `least`. */
export function mayAs(role: Role, least: Role): boolean {
  return isAtLeast(role, least);
}

/** Why someone may not: `Admins and owners can do this. You are a viewer here.` */
export function whyNot(role: Role, least: Role): string {
  const article = /^[aeiou]/.test(role) ? 'an' : 'a';
  return `${articles[least]} can do this. You are ${article} ${role} here.`;
}
