import { Skeleton, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { setupQuery } from '../../api/queries.ts';
import type { SetupGuide } from '../../api/types.ts';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { DownloadButton } from '../../components/DownloadButton.tsx';
import { Failure } from '../../components/Failure.tsx';
import { type Secrets, withSecrets } from '../../integrations/secrets.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './SetupGuides.module.css';

interface Props {
  integrationId: string;
  /** While they are known. */
  secrets?: Secrets;
}

/** The exact configuration for each broker that fits, best first. For admins: the API gives it to them only. */
export function SetupGuides({ integrationId, secrets }: Props) {
  const { id: org } = useOrganization();
  const { data: guides, error, refetch } = useQuery(setupQuery(org, integrationId));
  const [chosen, setChosen] = useState<string>();
  if (error) {
    return <Failure what="The setup could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!guides) return <Skeleton height={320} radius={8} />;
  return (
    <Tabs
      value={chosen ?? guides[0]?.broker}
      onChange={(value) => setChosen(value ?? undefined)}
      keepMounted={false}
    >
      <Tabs.List aria-label="Your broker">
        {guides.map(({ broker, title }) => (
          <Tabs.Tab key={broker} value={broker}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {guides.map((guide) => (
        <Tabs.Panel key={guide.broker} value={guide.broker}>
          <Guide guide={guide} secrets={secrets} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

const lost = { token: 'make a new one', password: 'rotate the credential' };

function Guide({ guide, secrets }: { guide: SetupGuide; secrets: Secrets | undefined }) {
  const { title, steps, files, notes } = guide;
  const texts = [...steps, ...files.map(({ text }) => text)].map((text) => withSecrets(text, secrets));
  const missing = (['token', 'password'] as const).filter((secret) =>
    texts.some((text) => text.includes(`<${secret}>`)),
  );
  return (
    <div className={classes.guide}>
      <ol className={classes.steps}>
        {steps.map((step) => (
          <li key={step}>{withSecrets(step, secrets)}</li>
        ))}
      </ol>
      {missing.map((secret) => (
        <p key={secret} className={classes.open}>
          Put the {secret} where <code>{`<${secret}>`}</code> stands. It was shown once and is kept nowhere;
          if it is lost, {lost[secret]}.
        </p>
      ))}
      {files.map(({ name, text }) => {
        const filled = withSecrets(text, secrets);
        return (
          <CodeBlock
            key={name}
            code={filled}
            label={name}
            actions={<DownloadButton name={name} text={filled} />}
          />
        );
      })}
      {notes.length > 0 && (
        <ul className={classes.notes} aria-label={`What to know about ${title}`}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
