import type { CreatedCredential } from '../../api/types.ts';
import type { Secret } from '../../components/SecretDialog.tsx';

/** What is shown of a new credential, this once. @param also what else is to be known, said first */
export function secretOf(title: string, made: CreatedCredential, also = ''): Secret {
  return {
    title,
    values: [
      { label: 'User name', value: made.username },
      { label: 'Password', value: made.password },
      { label: 'Topic prefix', value: made.topic_prefix },
    ],
    warning: `${also} The password is shown only now. Copy it to where the device keeps it; if it gets lost, rotate the credential.`,
  };
}
