import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deviceCommandsQuery, deviceTypesQuery } from '../../api/command-queries.ts';
import type { Command, Device } from '../../api/types.ts';
import { declaredFor } from '../../commands/draft.ts';
import { useCommandActions } from '../../commands/use-command-actions.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconTerminal2 } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Panel } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import commandClasses from '../commands/Command.module.css';
import { CommandRow } from '../commands/CommandRow.tsx';
import { SendForm } from '../commands/form/SendForm.tsx';
import classes from './DeviceCommands.module.css';

/** What can be asked of the device, and what was asked last. */
export function DeviceCommands({ device }: { device: Device }) {
  const { id: org } = useOrganization();
  const { allowed: maySend, why } = usePermission('member');
  const types = useQuery({ ...deviceTypesQuery(org), enabled: maySend && device.device_type_id !== null });
  const { send } = useCommandActions();
  const declared = declaredFor([device], types.data);
  return (
    <Panel
      title="Commands"
      flush
      actions={
        <AnchorLink to={paths.commands} params={{ org }} search={{ device: device.id }} size="sm">
          All its commands
        </AnchorLink>
      }
    >
      <div className={classes.columns}>
        <div className={classes.send}>
          {maySend ? (
            <SendForm declared={declared} onSend={(body) => send({ device: device.id, body })} />
          ) : (
            <p className={classes.why}>{why}</p>
          )}
        </div>
        <Recent device={device} mayAct={maySend} />
      </div>
    </Panel>
  );
}

/** The rest is a page of its own. */
const listed = 10;

function Recent({ device, mayAct }: { device: Device; mayAct: boolean }) {
  const { id: org } = useOrganization();
  const query = useQuery(deviceCommandsQuery(org, device.id));
  const commands: Command[] | undefined = query.data?.items.slice(0, listed);
  const [open, setOpen] = useState<string>();
  return (
    <div className={classes.recent}>
      {query.error && (
        <div className={classes.inset}>
          <Failure
            what="Its commands could not be read"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        </div>
      )}
      {!commands && !query.error && <Skeleton height={138} radius={0} />}
      {commands?.length === 0 && (
        <Empty icon={IconTerminal2} title="No commands yet">
          What is asked of this device appears here, and moves as the broker and the device confirm it.
        </Empty>
      )}
      {commands && commands.length > 0 && (
        <ul className={commandClasses.list} aria-label="Recent commands">
          {commands.map((command) => (
            <li key={command.id}>
              <CommandRow
                command={command}
                open={open === command.id}
                onOpen={() => setOpen(open === command.id ? undefined : command.id)}
                mayAct={mayAct}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
