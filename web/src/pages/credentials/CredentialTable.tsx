import { useState } from 'react';
import type { Credential } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Changing } from '../../components/Changing.tsx';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { AnchorLink } from '../../components/links.tsx';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { CredentialMenu } from './CredentialMenu.tsx';
import { CredentialStateMark } from './CredentialStateMark.tsx';
import classes from './Credentials.module.css';
import { RotateCredential } from './RotateCredential.tsx';
import { nameOf } from './state.ts';

/** Credentials with what is known of each and what can be done with it. */
export function CredentialTable({ credentials }: { credentials: Credential[] }) {
  const [rotating, setRotating] = useState<Credential>();
  const [question, setQuestion] = useState<Question>();
  return (
    <>
      <table className={classes.table} aria-label="Credentials">
        <thead>
          <tr className={`${classes.row} ${classes.head}`}>
            <th>Credential</th>
            <th>For</th>
            <th>Last used</th>
            <th className={classes.figure}>Live connections</th>
            <th>State</th>
            <th>
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {credentials.map((credential) => (
            <CredentialRow
              key={credential.id}
              credential={credential}
              replaced={credentials.find(({ id }) => id === credential.replaces)}
              onQuestion={setQuestion}
              onRotate={setRotating}
            />
          ))}
        </tbody>
      </table>
      <RotateCredential credential={rotating} onClose={() => setRotating(undefined)} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}

interface RowProps {
  credential: Credential;
  /** The one that it took over from, where that is still there. */
  replaced: Credential | undefined;
  onQuestion: (question: Question) => void;
  onRotate: (credential: Credential) => void;
}

function CredentialRow({ credential, replaced, onQuestion, onRotate }: RowProps) {
  const { id: org } = useOrganization();
  const { label, username, device_id, external_device_id, live_connections: live } = credential;
  return (
    <tr className={classes.row}>
      <td className={classes.credential}>
        <span className={label ? classes.label : classes.unlabelled}>{label || 'No label'}</span>
        <span className={classes.username}>
          <code>{username}</code>
          <CopyButton text={username} label={`Copy user name ${username}`} />
        </span>
        {replaced && <span className={classes.replaces}>took over from {replaced.username}</span>}
      </td>
      <td className={classes.scope}>
        {device_id ? (
          <AnchorLink to={paths.device} params={{ org, device: device_id }} inherit>
            {external_device_id}
          </AnchorLink>
        ) : (
          'Every device'
        )}
      </td>
      <td className={classes.used} data-label="Last used">
        <Ago at={credential.last_used_at} />
      </td>
      <td className={`figures ${classes.figure}`} data-label="Live connections">
        {live === 0 ? (
          <span className={classes.none}>0</span>
        ) : (
          <AnchorLink
            to={paths.connections}
            params={{ org }}
            search={{ credential: credential.id }}
            title="Show them"
            inherit
          >
            <Changing of={live}>{formatCount(live)}</Changing>
          </AnchorLink>
        )}
      </td>
      <td className={classes.stateCell}>
        <CredentialStateMark credential={credential} />
      </td>
      <td className={classes.actions}>
        <CredentialMenu
          credential={credential}
          name={nameOf(credential)}
          onQuestion={onQuestion}
          onRotate={() => onRotate(credential)}
        />
      </td>
    </tr>
  );
}
