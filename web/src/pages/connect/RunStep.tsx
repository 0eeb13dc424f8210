import { PasswordInput, SegmentedControl, Tabs, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Connection } from '../../api/types.ts';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { CopyField, CopyFields } from '../../components/CopyField.tsx';
import { InlineCommand } from '../../components/InlineCommand.tsx';
import { LoopbackNotice } from '../../components/LoopbackNotice.tsx';
import { Notice } from '../../components/Notice.tsx';
import { address, type Shell, type SnippetName, snippets } from '../../connect/snippets.ts';
import classes from './Connect.module.css';
import { type Chosen, topicOf } from './Connect.tsx';
import { Step } from './Step.tsx';

const passwordPlaceholder = 'PASSWORD';

/** Step two: the secret, once, and commands with everything filled in. */
export function RunStep({ chosen, connection }: { chosen: Chosen; connection: Connection }) {
  const [typed, setTyped] = useState('');
  const [deviceId, setDeviceId] = useState(chosen.deviceId);
  const [name, setName] = useState<SnippetName>('mosquitto');
  const [shell, setShell] = useState<Shell>(/Win/.test(navigator.userAgent) ? 'cmd' : 'sh');
  const encrypted = connection.mqtts !== null;
  const url = connection.mqtts ?? connection.mqtt;
  const password = chosen.password ?? (typed || passwordPlaceholder);
  const topic = topicOf({ ...chosen, deviceId: deviceId || chosen.deviceId });
  const { username } = chosen.credential;

  return (
    <Step number={2} title="Publish a message">
      {chosen.password ? (
        <Secret username={username} password={chosen.password} />
      ) : (
        <PasswordInput
          label="Password"
          description="It was shown once, when the credential was made, and is kept nowhere. Paste it to fill in the commands, or write it into them yourself."
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {!chosen.credential.external_device_id && (
        <TextInput
          label="Device id in the commands"
          description="Any name: a device is registered with its first message"
          maxLength={128}
          spellCheck={false}
          value={deviceId}
          onChange={(event) => setDeviceId(event.currentTarget.value.replace(/[/+#]/g, ''))}
        />
      )}
      {url && (
        <Tabs value={name} onChange={(value) => setName(value as SnippetName)} keepMounted={false}>
          <Tabs.List className={classes.tabs}>
            {snippets({ url, username, password, topic }, shell).map((snippet) => (
              <Tabs.Tab key={snippet.name} value={snippet.name}>
                {snippet.label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {snippets({ url, username, password, topic }, shell).map((snippet) => (
            <Tabs.Panel key={snippet.name} value={snippet.name} className={classes.tab}>
              <CodeBlock
                code={snippet.code}
                label={`${snippet.label} ${snippet.name === 'mosquitto' ? 'command' : 'program'}`}
                bar={snippet.name === 'mosquitto' && <ShellChoice shell={shell} onChange={setShell} />}
              />
              <p className={classes.needs}>
                {snippet.needs.text}{' '}
                {snippet.needs.command && <InlineCommand command={snippet.needs.command} />}
              </p>
              {connection.loopback_only && (
                <LoopbackNotice elsewhere={snippet.name === 'arduino'} besideCommand />
              )}
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
      <details className={classes.details}>
        <summary>All connection details</summary>
        <Details connection={connection} url={url} username={username} topic={topic} />
      </details>
      {!encrypted && !connection.loopback_only && (
        <Notice kind="info">
          The connection is not encrypted. Set TLS_CERT and TLS_KEY on the platform before passwords travel
          over networks that are not yours.
        </Notice>
      )}
    </Step>
  );
}

function Secret({ username, password }: { username: string; password: string }) {
  return (
    <div className={classes.secret}>
      <CopyFields>
        <CopyField label="User name" value={username} />
        <CopyField label="Password" value={password} />
      </CopyFields>
      <p>
        <strong>The password is shown only now.</strong> Copy it to where the device keeps it. If it gets
        lost, rotate the credential.
      </p>
    </div>
  );
}

function ShellChoice({ shell, onChange }: { shell: Shell; onChange: (shell: Shell) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Shell"
      value={shell}
      onChange={(value) => onChange(value as Shell)}
      data={[
        { value: 'sh', label: 'Linux, macOS' },
        { value: 'cmd', label: 'Windows (cmd)' },
      ]}
    />
  );
}

interface DetailsProps {
  connection: Connection;
  url: string | null;
  username: string;
  topic: string;
}

function Details({ connection, url, username, topic }: DetailsProps) {
  const broker = url ? address(url) : undefined;
  return (
    <CopyFields>
      <CopyField label="Host" value={broker?.host ?? connection.host} />
      {broker && (
        <CopyField label="Port" value={String(broker.port)} note={broker.tls ? 'TLS' : 'Not encrypted'} />
      )}
      {connection.wss ? (
        <CopyField label="WebSocket" value={connection.wss} />
      ) : (
        connection.ws && <CopyField label="WebSocket" value={connection.ws} />
      )}
      <CopyField label="User name" value={username} />
      <CopyField
        label="Topic"
        value={topic}
        note="And anything below it. JSON, or a bare number or boolean"
      />
      <CopyField
        label="Status topic"
        value={topic.replace(/telemetry$/, 'status')}
        note="online or offline, retained; also the last will"
      />
    </CopyFields>
  );
}
