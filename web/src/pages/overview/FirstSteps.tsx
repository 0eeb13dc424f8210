import { IconPlugConnected } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { Panel } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Overview.module.css';

/** For the one who sees it for the first time. */
export function FirstSteps() {
  const { id: org } = useOrganization();
  return (
    <Panel>
      <div className={classes.welcome}>
        <h2>Your first message is two minutes away</h2>
        <ol className={classes.steps}>
          <li>
            <strong>Get a user name and password</strong>
            for one device or for the whole organization.
          </li>
          <li>
            <strong>Copy a command</strong>
            for your shell, Python, JavaScript or an ESP32. It is filled in and ready to run.
          </li>
          <li>
            <strong>See it arrive</strong>
            The page waits with you, shows the first value, or says what is wrong.
          </li>
        </ol>
        <ButtonLink
          to={paths.connect}
          params={{ org }}
          size="md"
          leftSection={<IconPlugConnected size={18} />}
        >
          Connect a device
        </ButtonLink>
      </div>
    </Panel>
  );
}
