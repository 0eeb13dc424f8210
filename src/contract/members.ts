import { z } from 'zod';
import { accountPassword } from './accounts.ts';
import { id, line, role, time } from './common.ts';

export const member = z
  .object({ user_id: id, name: z.string(), email: z.string(), role, created_at: z.string() })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof member>;
export const memberList = z.object({ items: z.array(member) }).meta({ id: 'MemberList' });
export const updateMember = z.object({ role }).meta({ id: 'UpdateMember' });

export const invitation = z
  .object({
    id,
    email: z.string().nullable(),
    role,
    created_at: z.string(),
    expires_at: z.string(),
    accepted_at: z.string().nullable(),
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof invitation>;
export const invitationList = z.object({ items: z.array(invitation) }).meta({ id: 'InvitationList' });
export const createInvitation = z
  .object({ email: z.email().max(320).optional(), role, expires_in_days: z.int().min(1).max(30).default(7) })
  .meta({ id: 'CreateInvitation' });
/** The one time that the link is shown. */
export const createdInvitation = invitation.extend({ url: z.string() }).meta({ id: 'CreatedInvitation' });

/** POST /api/v1/invitations/preview, so that the page can greet. The token is in the body, never in a server's URL. */
export const invitationToken = z
  .object({ token: z.string().min(1).max(200) })
  .meta({ id: 'InvitationToken' });
export const invitationPreview = z
  .object({ organization_name: z.string(), role, email: z.string().nullable(), expires_at: z.string() })
  .meta({ id: 'InvitationPreview' });
export type InvitationPreview = z.infer<typeof invitationPreview>;
/** POST /api/v1/invitations/accept: as the signed-in user, or with a new account. */
export const acceptInvitation = z
  .object({
    token: z.string().min(1).max(200),
    account: z
      .object({
        name: line(100).min(1),
        email: z.email().max(320),
        password: accountPassword,
      })
      .optional(),
  })
  .meta({ id: 'AcceptInvitation' });
export const acceptedInvitation = z.object({ organization_id: id }).meta({ id: 'AcceptedInvitation' });

export const apiKey = z
  .object({
    id,
    name: z.string(),
    role: z.enum(['admin', 'member', 'viewer']),
    key_prefix: z.string(),
    created_at: z.string(),
    last_used_at: z.string().nullable(),
    expires_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;
export const apiKeyList = z.object({ items: z.array(apiKey) }).meta({ id: 'ApiKeyList' });
export const createApiKey = z
  .object({
    name: line(100).min(1),
    role: z.enum(['admin', 'member', 'viewer']),
    expires_at: time.optional(),
  })
  .meta({ id: 'CreateApiKey' });
/** The one time that the key is shown. */
export const createdApiKey = apiKey.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' });
