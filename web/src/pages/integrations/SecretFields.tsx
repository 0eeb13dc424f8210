import { CopyField, CopyFields } from '../../components/CopyField.tsx';
import { Notice } from '../../components/Notice.tsx';
import type { Secrets } from '../../integrations/secrets.ts';

/** The secrets of a new integration, this once; nothing where it has none. */
export function SecretFields({ secrets, url }: { secrets: Secrets; url: string | null }) {
  const { token, signing_secret: signingSecret, bridge } = secrets;
  if (!token && !bridge) return null;
  return (
    <>
      <CopyFields>
        {url && <CopyField label="Address" value={url} />}
        {token && <CopyField label="Token" value={token} />}
        {signingSecret && (
          <CopyField
            label="Signing secret"
            value={signingSecret}
            note="Key of the HMAC-SHA256 in X-NetNeural-Signature"
          />
        )}
        {bridge && <CopyField label="User name" value={bridge.username} />}
        {bridge && <CopyField label="Password" value={bridge.password} />}
      </CopyFields>
      <Notice kind="warn">
        {token ? 'The token is' : 'The password is'} shown only now, and already filled in below. If it gets
        lost, {token ? 'make another token on the integration’s page' : 'rotate it under Credentials'}.
        {signingSecret && ' The signing secret can’t be had again.'}
      </Notice>
    </>
  );
}
