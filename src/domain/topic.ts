/**
 * MQTT topic names and filters as MQTT 3.1.1 section 4.7 and 5.0 section 4.7 define them.
 * Everything here is pure and works on strings.
 */

/** The longest topic MQTT can carry, in bytes of UTF-8 [MQTT-4.7.3-3]. */
export const MAX_TOPIC_BYTES = 65_535;

/** More levels than any real topic has; a bound so that matching stays cheap. */
export const MAX_TOPIC_LEVELS = 64;

/** True when `topic` may be published to: not empty, no wildcard, no NUL [MQTT-4.7.1-1, 4.7.3-1, 4.7.3-2]. */
export function isTopicName(topic: string): boolean {
  return topic.length > 0 && !/[+#\0]/.test(topic) && levelCount(topic) <= MAX_TOPIC_LEVELS;
}

/** True when `filter` may be subscribed to: wildcards stand alone in their level, `#` last [MQTT-4.7.1-2, 4.7.1-3]. */
export function isTopicFilter(filter: string): boolean {
  if (filter.length === 0 || filter.includes('\0') || levelCount(filter) > MAX_TOPIC_LEVELS) return false;
  const levels = filter.split('/');
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}

function levelCount(topic: string): number {
  let count = 1;
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) count += 1;
  return count;
}

/**
 * The filter that a subscription really is: `$share/{group}/{filter}` counts as its filter.
 * @returns undefined for a share that names no group or no filter [MQTT-4.8.2-1, 4.8.2-2]
 */
export function sharedFilter(filter: string): { group: string | undefined; filter: string } | undefined {
  if (!filter.startsWith('$share/')) return { group: undefined, filter };
  const groupEnd = filter.indexOf('/', 7);
  if (groupEnd < 0) return undefined;
  const group = filter.slice(7, groupEnd);
  const rest = filter.slice(groupEnd + 1);
  if (group.length === 0 || rest.length === 0 || /[+#\0]/.test(group)) return undefined;
  return { group, filter: rest };
}

/** True when `filter` may be subscribed to, shared or not. */
export function isSubscription(filter: string): boolean {
  const shared = isTopicFilter(filter) ? sharedFilter(filter) : undefined;
  return shared !== undefined && isTopicFilter(shared.filter);
}

/** True when a message on `topic` is one that `filter` asks for. A leading wildcard never matches `$…` [MQTT-4.7.2-1]. */
export function topicMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && !filter.startsWith('$')) return false;
  const asked = filter.split('/');
  const named = topic.split('/');
  for (let index = 0; index < asked.length; index += 1) {
    if (asked[index] === '#') return true;
    if (index >= named.length) return false;
    if (asked[index] !== '+' && asked[index] !== named[index]) return false;
  }
  return asked.length === named.length;
}

/**
 * True when every topic that `filter` can match is matched by `granted` as well: the one question
 * that decides a subscription. `a/+` does not contain `a/#`; `a/#` contains `a`, `a/+` and `a/b/#`.
 * Both must be valid filters.
 */
export function filterIsWithin(filter: string, granted: string): boolean {
  // `#` matches what `+/#` does, and `/#` what `/+/#` does: nothing is not a topic.
  const asked = filter.replace(/^(\/?)#$/, '$1+/#').split('/');
  const given = granted.split('/');
  // A wildcard in the first level never reaches `$…`, so a grant of `#` or `+/…` does not either.
  if (asked[0]?.startsWith('$') && (given[0] === '#' || given[0] === '+')) return false;
  for (let index = 0; index < given.length; index += 1) {
    const want = asked[index];
    const have = given[index];
    if (have === '#') return true;
    if (want === undefined || want === '#') return false;
    if (have === '+') continue;
    if (want !== have) return false;
  }
  return asked.length === given.length;
}
