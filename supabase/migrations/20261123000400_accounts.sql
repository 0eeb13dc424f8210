-- Accounts and sessions where no Supabase brings them. The tables are better-auth's, in a schema that
-- nothing but the platform itself may enter: it holds password hashes and session tokens.

create schema if not exists accounts;
revoke all on schema accounts from public;

create table if not exists accounts."user" (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  -- Lower case: better-auth looks it up so.
  email text not null unique check (email = lower(email)),
  "emailVerified" boolean not null default false,
  image text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);

create table if not exists accounts.session (
  id uuid primary key default gen_random_uuid(),
  "userId" uuid not null references accounts."user" on delete cascade,
  token text not null unique,
  "expiresAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index if not exists session_user_idx on accounts.session ("userId");

-- How a user signs in; the only provider so far is `credential`, with `password` its hash.
create table if not exists accounts.account (
  id uuid primary key default gen_random_uuid(),
  "userId" uuid not null references accounts."user" on delete cascade,
  "accountId" text not null,
  "providerId" text not null,
  password text,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index if not exists account_user_idx on accounts.account ("userId");

create table if not exists accounts.verification (
  id uuid primary key default gen_random_uuid(),
  identifier text not null,
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index if not exists verification_identifier_idx on accounts.verification (identifier);

-- Names and addresses of the members of an organization, for its members.
create or replace function private.profiles_of(organization uuid)
returns table (user_id uuid, name text, email text)
language sql stable security definer set search_path = ''
as $$
  select u.id, u.name, u.email
    from public.organization_members m
    join accounts."user" u on u.id = m.user_id
   where m.organization_id = organization
     and organization in (select private.organizations_of('viewer'))
$$;
revoke all on function private.profiles_of from public;
grant execute on function private.profiles_of to authenticated;
