import type { Integration } from '../../api/types.ts';
import { plural } from '../../format/value.ts';
import connect from '../connect/Connect.module.css';

/** All that is left to say of the settings. */
export function Brief({ integration: { name, expected_topics } }: { integration: Integration }) {
  return (
    <span className={connect.summary}>
      <strong>{name}</strong>, {plural(expected_topics.length, 'topic')}
    </span>
  );
}
