import { PasswordInput, TextInput } from '@mantine/core';

export interface Account {
  name: string;
  email: string;
  password: string;
}

export const noAccount: Account = { name: '', email: '', password: '' };
/** As the platform asks for. */
export const shortestPassword = 10;

interface Props {
  account: Account;
  onChange: (account: Account) => void;
  errors: Record<string, string>;
  lockedEmail?: boolean;
}

/** Name, email and password of an account to be made. */
export function AccountFields({ account, onChange, errors, lockedEmail = false }: Props) {
  const set = (change: Partial<Account>) => onChange({ ...account, ...change });
  return (
    <>
      <TextInput
        label="Your name"
        autoComplete="name"
        required
        withAsterisk={false}
        maxLength={100}
        autoFocus
        value={account.name}
        error={errors.name ?? errors['account.name']}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Email"
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
        readOnly={lockedEmail}
        value={account.email}
        error={errors.email ?? errors['account.email']}
        onChange={(event) => set({ email: event.currentTarget.value })}
      />
      <PasswordInput
        label="Password"
        description={`At least ${shortestPassword} characters`}
        autoComplete="new-password"
        required
        withAsterisk={false}
        minLength={shortestPassword}
        maxLength={128}
        value={account.password}
        error={errors.password ?? errors['account.password']}
        onChange={(event) => set({ password: event.currentTarget.value })}
      />
    </>
  );
}
