import type { Overview } from '../../api/types.ts';
import { IconCircleCheck, IconCircleX, IconPlugConnected } from '../../components/icons.ts';
import { Panel } from '../../components/Page.tsx';
import { plural } from '../../format/value.ts';
import classes from './Overview.module.css';

/** How the platform itself is. */
export function Health({ overview }: { overview: Overview }) {
  const { broker, database, connections } = overview;
  return (
    <Panel title="Platform">
      <dl className={classes.health}>
        <Part name="Broker" healthy={broker.healthy} trouble={broker.detail}>
          {broker.engine} {broker.version}
        </Part>
        <Part name="Database" healthy={database.healthy} trouble={database.detail}>
          PostgreSQL {database.version}, answers in{' '}
          {database.latency_ms < 1 ? '<1' : Math.round(database.latency_ms)} ms
        </Part>
        <div className={classes.part}>
          <IconPlugConnected size={18} stroke={1.8} aria-hidden />
          <dt>Connections</dt>
          <dd>{plural(connections, 'MQTT client')} connected now</dd>
        </div>
      </dl>
    </Panel>
  );
}

interface PartProps {
  name: string;
  healthy: boolean;
  trouble?: string;
  children: React.ReactNode;
}

function Part({ name, healthy, trouble, children }: PartProps) {
  const Icon = healthy ? IconCircleCheck : IconCircleX;
  return (
    <div className={classes.part}>
      <Icon size={18} stroke={1.9} className={classes[healthy ? 'good' : 'bad']} aria-hidden />
      <dt>
        {name}: {healthy ? 'healthy' : 'in trouble'}
      </dt>
      <dd>
        {healthy
          ? children
          : (trouble ?? 'It does not answer. Messages wait at the devices and are not lost.')}
      </dd>
    </div>
  );
}
