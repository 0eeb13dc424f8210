import { Link } from '@tanstack/react-router';
import { paths } from '../paths.ts';
import { useOrganization } from '../session/session.ts';
import classes from './Tags.module.css';
import { writeTags } from './tags.ts';

/** What a device is tagged with, to look at. */
export function TagWords({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <span className={classes.tags}>
      <span className="visually-hidden">Tags: </span>
      {tags.map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

/** The same, each leading to the devices that have it. */
export function TagLinks({ tags }: { tags: readonly string[] }) {
  const { id: org } = useOrganization();
  if (tags.length === 0) return null;
  return (
    <span className={classes.links}>
      {tags.map((tag) => (
        <Link
          key={tag}
          to={paths.devices}
          params={{ org }}
          search={{ tags: writeTags([tag]) }}
          className={classes.tag}
          title={`Devices tagged ${tag}`}
        >
          {tag}
        </Link>
      ))}
    </span>
  );
}
