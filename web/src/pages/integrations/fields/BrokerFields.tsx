import { PasswordInput, Select, TextInput } from '@mantine/core';
import type { Integration } from '../../../api/types.ts';
import { Folded } from '../../../components/Folded.tsx';
import type { BrokerDraft } from '../../../integrations/draft.ts';
import classes from './Fields.module.css';
import { PemField } from './PemField.tsx';

interface Props {
  broker: BrokerDraft;
  onChange: (broker: BrokerDraft) => void;
  /** What the API said, by `broker.url`. */
  fields: Record<string, string>;
  /** What is kept: a secret that is left empty stays. */
  kept?: Integration['broker'];
}

/** Where the customer's broker is, and how we sign in. */
export function BrokerFields({ broker, onChange, fields, kept }: Props) {
  const set = (changed: Partial<BrokerDraft>) => onChange({ ...broker, ...changed });
  const hasCertificates = broker.ca !== '' || broker.clientCertificate !== '';
  return (
    <div className={classes.group}>
      <TextInput
        label="Address"
        description="mqtt://, mqtts:// with TLS, ws:// or wss://"
        placeholder="mqtts://broker.example.com:8883"
        required
        withAsterisk={false}
        maxLength={2048}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        inputMode="url"
        value={broker.url}
        error={fields['broker.url']}
        onChange={(event) => set({ url: event.currentTarget.value })}
      />
      <div className={classes.pair}>
        <TextInput
          label="User name"
          maxLength={1000}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          value={broker.username}
          error={fields['broker.username']}
          onChange={(event) => set({ username: event.currentTarget.value })}
        />
        <PasswordInput
          label="Password"
          placeholder={kept?.has_password ? 'Stays as it is' : undefined}
          maxLength={1000}
          autoComplete="new-password"
          value={broker.password}
          error={fields['broker.password']}
          onChange={(event) => set({ password: event.currentTarget.value })}
        />
      </div>
      {kept?.has_password && (
        <p className={classes.help}>Left empty, the password stays, unless the address names another host.</p>
      )}
      <Select
        label="MQTT version"
        className={classes.short}
        data={[
          { value: '5', label: '5' },
          { value: '3.1.1', label: '3.1.1' },
        ]}
        value={broker.protocolVersion}
        allowDeselect={false}
        onChange={(value) => set({ protocolVersion: value === '3.1.1' ? '3.1.1' : '5' })}
      />
      <Folded title="Certificates" open={hasCertificates}>
        <PemField
          label="CA certificate"
          description="Where the broker’s certificate comes from an authority of your own"
          value={broker.ca}
          error={fields['broker.ca']}
          onChange={(ca) => set({ ca })}
        />
        <PemField
          label="Client certificate"
          description="Where we have to show one of our own"
          value={broker.clientCertificate}
          error={fields['broker.client_certificate']}
          onChange={(clientCertificate) => set({ clientCertificate })}
        />
        <PemField
          label="Client key"
          description="The key of the client certificate; kept sealed and never shown"
          placeholder={kept?.has_client_key ? 'Stays as it is' : '-----BEGIN PRIVATE KEY-----'}
          value={broker.clientKey}
          error={fields['broker.client_key']}
          onChange={(clientKey) => set({ clientKey })}
        />
      </Folded>
    </div>
  );
}
