import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { scopeInWords } from '../../alerts/in-words.ts';
import { maintenanceQuery } from '../../api/alert-queries.ts';
import { answer, api } from '../../api/client.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import type { MaintenanceWindow } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconPlus, IconTool } from '../../components/icons.ts';
import { Row, Rows } from '../../components/Rows.tsx';
import { tell } from '../../components/toasts.ts';
import { useNow } from '../../components/use-now.ts';
import { exactTime } from '../../format/time.ts';
import { useOrganization } from '../../session/session.ts';
import classes from '../alerts/Alerts.module.css';
import { AlertsPage } from '../alerts/AlertsPage.tsx';
import { NewWindow } from './NewWindow.tsx';

/** Times in which work is done on devices, and nobody wants to hear of it. */
export function Maintenance() {
  const { id: org } = useOrganization();
  const query = useQuery(maintenanceQuery(org));
  const windows = query.data;
  const [isMaking, setMaking] = useState(false);
  const make = (
    <GatedButton needs="member" leftSection={<IconPlus size={17} />} onClick={() => setMaking(true)}>
      New window
    </GatedButton>
  );
  return (
    <AlertsPage
      title="Maintenance"
      description="Times in which work is done on devices: no alert opens for them."
      actions={windows && windows.length > 0 && make}
    >
      {query.error && (
        <Failure
          what="The windows could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {windows && (
        <div className={classes.surface}>
          {windows.length === 0 ? (
            <Empty icon={IconTool} title="No maintenance planned" action={make}>
              Before you switch a cold room off to clean it, say so here: its alerts stay silent until you are
              done.
            </Empty>
          ) : (
            <Rows label="Maintenance windows">
              {windows.map((window) => (
                <WindowRow key={window.id} window={window} />
              ))}
            </Rows>
          )}
        </div>
      )}
      <NewWindow opened={isMaking} onClose={() => setMaking(false)} />
    </AlertsPage>
  );
}

function WindowRow({ window }: { window: MaintenanceWindow }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const now = useNow();
  const { data: types } = useQuery(deviceTypesQuery(org));
  const [question, setQuestion] = useState<Question>();
  const { id, name, scope, starts_at, ends_at } = window;
  const isOver = Date.parse(ends_at) <= now;
  const isNow = !isOver && Date.parse(starts_at) <= now;
  const verb = isNow ? 'End now' : 'Remove';
  const ask = () =>
    setQuestion({
      title: `${isNow ? 'End' : 'Remove'} “${name}”?`,
      text: isOver
        ? 'It is over; it only leaves this list.'
        : 'Alerts open again for its devices, from the next reading on.',
      verb,
      act: async () => {
        await answer(
          api.DELETE('/api/v1/organizations/{org}/maintenance-windows/{window}', {
            params: { path: { org, window: id } },
          }),
        );
        await queries.invalidateQueries({ queryKey: [org, 'maintenance-windows'] });
        tell(`${name} is ${isNow ? 'ended' : 'removed'}`);
      },
    });
  const typeName = (type: string) => types?.find((one) => one.id === type)?.name ?? 'that is gone';
  return (
    <>
      <Row
        title={name}
        detail={
          <>
            {isNow ? (
              <strong>Now, until {exactTime(ends_at)}</strong>
            ) : isOver ? (
              <>
                Over, <Ago at={ends_at} />
              </>
            ) : (
              `${exactTime(starts_at)} until ${exactTime(ends_at)}`
            )}{' '}
            · {scopeInWords(scope, typeName).replace('on any device', 'on all devices')}
          </>
        }
        actions={
          <GatedButton needs="member" size="xs" variant="default" onClick={ask}>
            {verb}
          </GatedButton>
        }
      />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}
