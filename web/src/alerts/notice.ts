import type { AlertStreamEvent } from '../../../src/contract/events.ts';
import { plural } from '../format/value.ts';
import { listed, severityWords } from './in-words.ts';

type Told = Pick<AlertStreamEvent, 'id' | 'severity' | 'rule_name' | 'summary' | 'device'>;

export interface Notice {
  title: string;
  body: string;
  /** One with the same replaces it. */
  tag: string;
  /** Where it is of one only, its id. */
  alert?: string;
}

/** So many rules are named. */
const mostNamed = 3;

/** What is said of alerts that have opened: of one in full, of many how many and of which rules. */
export function noticeOf(alerts: readonly Told[]): Notice {
  const [first, second] = alerts;
  if (first && !second) {
    const { id, severity, rule_name, summary, device } = first;
    const body = device ? `${device.name}: ${summary}` : summary;
    return { title: `${severityWords[severity]}: ${rule_name}`, body, tag: id, alert: id };
  }
  const rules = [...new Set(alerts.map(({ rule_name }) => rule_name))];
  const others = rules.length - mostNamed;
  const named = others > 0 ? [...rules.slice(0, mostNamed), plural(others, 'other rule')] : rules;
  return { title: `${plural(alerts.length, 'alert')} opened`, body: listed(named), tag: 'alerts' };
}
