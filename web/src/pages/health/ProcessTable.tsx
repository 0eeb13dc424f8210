import type { PlatformHealth } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { IconAlertTriangle, IconCircleCheck } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Health.module.css';
import { roleWords } from './role-words.ts';

type Process = PlatformHealth['processes'][number];

/** Every process that is there: what it does, where, since when, and whether it reaches the broker. */
export function ProcessTable({ processes }: { processes: Process[] }) {
  return (
    <table className={classes.table} aria-label="Processes">
      <thead>
        <tr className={`${classes.row} ${classes.head}`}>
          <th>Does</th>
          <th>Where</th>
          <th>Your connections</th>
          <th>Started</th>
          <th>State</th>
        </tr>
      </thead>
      <tbody>
        {processes.map((process) => (
          <ProcessRow key={process.id} process={process} isAll={process.roles.length === allRoles} />
        ))}
      </tbody>
    </table>
  );
}

const allRoles = Object.keys(roleWords).length;

function ProcessRow({ process, isAll }: { process: Process; isAll: boolean }) {
  const { id: org } = useOrganization();
  const { roles, host, version, connections } = process;
  return (
    <tr className={classes.row}>
      <td className={classes.does}>
        <strong>{isAll ? 'Everything' : roles.map((role) => roleWords[role].name).join(', ')}</strong>
        <span className={classes.dim}>
          {isAll ? 'The whole platform in one process' : roles.map((role) => roleWords[role].does).join('; ')}
        </span>
      </td>
      <td className={classes.where} data-label="On">
        {host}
        <span className={classes.dim}>version {version}</span>
      </td>
      <td className={classes.connections}>
        {connections === null ? (
          <span className={classes.dim}>none to hold</span>
        ) : (
          <AnchorLink to={paths.connections} params={{ org }} search={{}} inherit>
            {plural(connections, 'connection')}
          </AnchorLink>
        )}
      </td>
      <td className={classes.started} data-label="Started">
        <Ago at={process.started_at} />
      </td>
      <td className={classes.state}>
        <State process={process} />
      </td>
    </tr>
  );
}

function State({ process }: { process: Process }) {
  if (process.reaches_engine === false)
    return (
      <span className={`${classes.mark} ${classes.bad}`}>
        <IconAlertTriangle size={16} aria-hidden /> Broker away
      </span>
    );
  return (
    <span className={`${classes.mark} ${classes.good}`}>
      <IconCircleCheck size={16} aria-hidden /> <span className={classes.word}>Running</span>
    </span>
  );
}
