import type { Integration } from '../../api/types.ts';
import { Notice } from '../../components/Notice.tsx';
import { Panel } from '../../components/Page.tsx';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './Decoder.module.css';
import { DecoderEditor } from './DecoderEditor.tsx';
import { type Draft, draftOf, settingsOf } from './draft.ts';
import { Readings } from './Readings.tsx';
import { Save } from './Save.tsx';
import type { Today } from './targets.ts';
import type { BenchMessage } from './use-message.ts';
import { usePreview } from './use-preview.ts';

interface Props {
  message: BenchMessage;
  /** Undefined when it has been deleted: then there is nothing to save to. */
  integration: Integration | undefined;
  today: Today | undefined;
  /** What has been changed of what there is. */
  edited: Draft | undefined;
  onEdited: (edited: Draft | undefined) => void;
}

/** A decoder being worked on, and what it makes of the message. */
export function Workbench({ message, integration, today, edited, onEdited }: Props) {
  const { id: org } = useOrganization();
  const may = usePermission('member');
  const draft = edited ?? draftOf(today?.decoder ?? 'auto', today?.settings);
  const settings = settingsOf(draft);
  const isReady = may.allowed && 'settings' in settings;
  const { decoder } = draft;
  const { topic, base64 } = message;
  const preview = usePreview(
    org,
    isReady ? { decoder, settings: settings.settings, topic, base64 } : undefined,
  );
  const problem = 'problem' in settings ? settings.problem : undefined;
  return (
    <>
      <Panel title="Decoder">
        <DecoderEditor draft={draft} problem={problem} onChange={onEdited} />
      </Panel>
      <Panel title="Readings">
        {may.allowed ? (
          <Readings preview={preview} isPossible={problem === undefined} receivedAt={message.receivedAt} />
        ) : (
          <p className={classes.dim}>{may.why}</p>
        )}
      </Panel>
      {integration && today ? (
        <Save
          key={message.topic}
          message={message}
          integration={integration}
          today={today.target}
          decoder={decoder}
          settings={'settings' in settings ? settings : undefined}
          isEdited={edited !== undefined}
          onSaved={() => onEdited(undefined)}
        />
      ) : (
        <Notice kind="info">The integration that this message came by has been deleted.</Notice>
      )}
    </>
  );
}
