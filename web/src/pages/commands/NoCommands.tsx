import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { deviceChoicesQuery } from '../../api/command-queries.ts';
import { type CommandSearch, commandFilters } from '../../commands/states.ts';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { Empty } from '../../components/Empty.tsx';
import { IconCpu, IconPlugConnected, IconSearch, IconTerminal2 } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Commands.module.css';

/** The three ways to ask something of a device. */
export function NoCommands() {
  const { id: org } = useOrganization();
  const { data: devices } = useQuery(deviceChoicesQuery(org, ''));
  const device = devices?.[0];
  const action =
    devices?.length === 0 ? (
      <ButtonLink
        to={paths.connect}
        params={{ org }}
        search={{}}
        leftSection={<IconPlugConnected size={17} />}
      >
        Connect a device
      </ButtonLink>
    ) : (
      <ButtonLink to={paths.devices} params={{ org }} search={{}} leftSection={<IconCpu size={17} />}>
        Choose a device
      </ButtonLink>
    );
  return (
    <>
      <Empty icon={IconTerminal2} title="No commands yet" action={action}>
        A command asks something of a device: another interval, a restart, a new set point. Send one from the
        device’s page, or to many from the list of devices. Each is listed here with what became of it.
      </Empty>
      {device && (
        <div className={classes.ways}>
          <p className={classes.lead}>Programs ask by the API, or by a row in the database:</p>
          <CodeBlock label="curl" code={curl(org, device.id)} />
          <CodeBlock label="SQL" code={sql(org, device.id)} />
        </div>
      )}
    </>
  );
}

function curl(org: string, device: string): string {
  return `curl ${window.location.origin}/api/v1/organizations/${org}/devices/${device}/commands \\
  -H 'Authorization: Bearer <API key>' -H 'Content-Type: application/json' \\
  -d '{"name": "set_interval", "params": {"seconds": 30}, "wait_seconds": 10}'`;
}

function sql(org: string, device: string): string {
  return `insert into device_commands (organization_id, device_id, name, params)
values ('${org}', '${device}', 'set_interval', '{"seconds": 30}');`;
}

export function NoMatch({ search: { state, device, name } }: { search: CommandSearch }) {
  const navigate = useNavigate({ from: paths.commands });
  const sought = [
    name && `is called “${name}”`,
    device && 'is for this device',
    state && `stands under “${commandFilters[state].word}”`,
  ].filter(Boolean);
  return (
    <Empty
      icon={IconSearch}
      title="No command matches"
      action={
        <Button variant="default" onClick={() => void navigate({ to: '.', search: {} })}>
          Show all commands
        </Button>
      }
    >
      None {sought.join(' and ')}.
    </Empty>
  );
}
