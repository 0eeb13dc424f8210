import type { ReactNode } from 'react';
import classes from './HealthParts.module.css';
import { IconCircleCheck, IconCircleX } from './icons.ts';

/** Parts of the platform and how they are, in a list; `wide` side by side where there is room. */
export function HealthParts({ wide = false, children }: { wide?: boolean; children: ReactNode }) {
  return <dl className={wide ? `${classes.parts} ${classes.wide}` : classes.parts}>{children}</dl>;
}

interface PartProps {
  name: string;
  healthy: boolean;
  /** What is wrong, in words, when it is not healthy. */
  trouble: string | undefined;
  children: ReactNode;
}

const away = 'It does not answer. Messages wait at the devices and are not lost.';

/** A part, and whether it is well. */
export function HealthPart({ name, healthy, trouble = away, children }: PartProps) {
  const Icon = healthy ? IconCircleCheck : IconCircleX;
  const icon = <Icon size={18} stroke={1.9} className={classes[healthy ? 'good' : 'bad']} aria-hidden />;
  return (
    <HealthFact icon={icon} name={`${name}: ${healthy ? 'healthy' : 'in trouble'}`}>
      {healthy ? children : trouble}
    </HealthFact>
  );
}

/** What is worth knowing beside them. */
export function HealthFact({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div className={classes.part}>
      {icon}
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The database, as wherever its health is told. */
export function DatabasePart({
  database: { healthy, version, latency_ms: latency, detail },
}: {
  database: { healthy: boolean; version: string; latency_ms: number; detail?: string };
}) {
  return (
    <HealthPart name="Database" healthy={healthy} trouble={detail}>
      PostgreSQL {version}, answers in {latency < 1 ? '<1' : Math.round(latency)} ms
    </HealthPart>
  );
}

/** The broker behind the gateways. */
export function BrokerPart({
  broker: { healthy, engine, version, detail },
}: {
  broker: { healthy: boolean; engine: string; version: string; detail?: string };
}) {
  return (
    <HealthPart name="Broker" healthy={healthy} trouble={detail}>
      {engine} {version}
    </HealthPart>
  );
}
