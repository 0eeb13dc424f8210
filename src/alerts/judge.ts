import type {
  ChangedAlert,
  DueDevice,
  JudgedReading,
  LastValue,
  NewAlert,
  Pending,
  StoredEpisode,
} from '../database/alert-judging.ts';
import type { JudgedRule } from '../database/alert-rules.ts';
import type { MetricCondition, Schedule } from '../domain/alert.ts';
import { type CompiledCondition, compileCondition, type Judge } from '../domain/alert-condition.ts';
import { type Episode, EpisodeFinder } from '../domain/alert-episode.ts';
import { scopeOf } from '../domain/alert-scope.ts';
import { alertInWords, type Wording, wordingOf } from '../domain/alert-words.ts';
import { isWithin } from '../domain/schedule.ts';
import type { Microseconds } from '../domain/time.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;
/** A condition that was long enough is not believed yet when its readings have just come: the next may follow. */
const GRACE = 10 * SECOND;

/** A rule that readings are judged by. */
export interface Ruling {
  rule: JudgedRule;
  condition: CompiledCondition;
  isFor: ReturnType<typeof scopeOf>;
  isDue: (at: Microseconds) => boolean;
}

/** A time in which nothing opens for some devices. */
export interface Quiet {
  isFor: ReturnType<typeof scopeOf>;
  from: Microseconds;
  to: Microseconds;
}

/** Ready to judge by. */
export function rulingOf(rule: JudgedRule): Ruling {
  return {
    rule,
    condition: compileCondition(rule.condition as MetricCondition),
    isFor: scopeOf(rule.scope),
    isDue: rule.schedule ? dueBy(rule.schedule) : () => true,
  };
}

/** Readings mostly follow each other within a minute, and asking for the clocks of a zone takes longer than all the rest. */
export function dueBy(schedule: Schedule): (at: Microseconds) => boolean {
  let minute = Number.NaN;
  let isDue = false;
  return (at) => {
    const now = Math.floor(at / MINUTE);
    if (now !== minute) isDue = isWithin(schedule, (now * MINUTE) / 1000);
    minute = now;
    return isDue;
  };
}

/** What is to be written of one device. */
export interface Verdict {
  opened: NewAlert[];
  changed: ChangedAlert[];
  pending: (Pending & { dueAt: Microseconds })[];
}

/** One rule on one device. */
interface Case {
  ruling: Ruling;
  judge: Judge;
  /** From where what holds may have changed. */
  from: Microseconds;
  episode: StoredEpisode | undefined;
  /** Finds out since when the condition holds at `from`, where that is not known. */
  before: EpisodeFinder;
  /** From there on. */
  finder: EpisodeFinder | undefined;
}

/**
 * Judges one device by all rules that are for it, from readings in the order of their time. What comes out depends on the
 * readings alone, and not on when or how often it is done.
 */
export class DeviceCase {
  readonly device: DueDevice;
  /** The first reading that is needed. */
  readonly readFrom: Microseconds;
  readonly #rulings: readonly Ruling[];
  readonly #quiet: readonly Quiet[];
  readonly #cases = new Map<Ruling, Case>();
  readonly #byMetric = new Map<string, Ruling[]>();
  #episodes: readonly StoredEpisode[] = [];
  #pending: readonly Pending[] = [];
  #judgedTo: Microseconds | undefined;
  #lastReceived = 0;
  /** Of the reading at hand; kept so that none is made for each. */
  readonly #concerned = new Set<Ruling>();

  constructor(device: DueDevice, rulings: readonly Ruling[], quiet: readonly Quiet[]) {
    this.device = device;
    this.#rulings = rulings.filter(({ isFor }) => isFor(device));
    this.#quiet = quiet.filter(({ isFor }) => isFor(device));
    for (const ruling of this.#rulings) {
      for (const metric of ruling.condition.metrics) {
        const known = this.#byMetric.get(metric);
        if (known) known.push(ruling);
        else this.#byMetric.set(metric, [ruling]);
      }
    }
    this.readFrom = Math.min(
      device.since,
      ...this.#rulings.map((ruling) => this.#from(ruling) - this.#before(ruling) - ruling.condition.lookback),
    );
  }

  /** Whether something came behind what was judged already. */
  get #isLate(): boolean {
    return this.device.judgedTo !== null && this.device.since <= this.device.judgedTo;
  }

  /** From where what holds may have changed. */
  #from({ rule }: Ruling): Microseconds {
    const { since, judgedTo } = this.device;
    // What came between the change of a rule and its being heard of was not looked at.
    return judgedTo === null || judgedTo < rule.judgedFrom ? Math.min(since, rule.judgedFrom) : since;
  }

  /** How long before that readings tell since when a condition holds: what is noted is of the newest reading. */
  #before({ rule }: Ruling): Microseconds {
    return this.#isLate ? Math.min(rule.forSeconds * SECOND, DAY) : 0;
  }

  /** What is known from before. To be called once, before the first reading. */
  know(episodes: readonly StoredEpisode[], pending: readonly Pending[]): void {
    this.#episodes = episodes;
    this.#pending = pending;
    for (const ruling of this.#rulings) {
      const { id } = ruling.rule;
      const isConcerned = (each: { ruleId: string }) => each.ruleId === id;
      if (episodes.some(isConcerned) || pending.some(isConcerned)) this.#caseOf(ruling);
    }
  }

  /** Metrics whose last values from before are needed. */
  *valuesNeeded(): Generator<{ deviceId: string; metric: string; before: Microseconds }> {
    const metrics = new Set(
      this.#rulings.flatMap(({ condition }) => (condition.isOfLastValues ? condition.metrics : [])),
    );
    for (const metric of metrics) yield { deviceId: this.device.id, metric, before: this.readFrom };
  }

  /** What a metric was before the first reading. */
  knowValue({ metric, value, at }: LastValue): void {
    for (const ruling of this.#byMetric.get(metric) ?? [])
      if (ruling.condition.isOfLastValues) this.#caseOf(ruling).judge.judge({ [metric]: value }, at);
  }

  read({ at, receivedAt, values }: JudgedReading): void {
    this.#judgedTo = at;
    this.#lastReceived = Math.max(this.#lastReceived, receivedAt);
    this.#concerned.clear();
    for (const metric in values) {
      for (const ruling of this.#byMetric.get(metric) ?? []) this.#concerned.add(ruling);
    }
    for (const ruling of this.#concerned) {
      const one = this.#caseOf(ruling);
      const zone = one.judge.judge(values, at);
      if (zone === undefined || at < one.from - this.#before(ruling)) continue;
      const finder = at < one.from ? one.before : this.#finderOf(one);
      finder.next(zone, at, one.judge.value, this.#mayOpen(ruling, at));
    }
  }

  /** Up to where it is judged now: what comes before is late. */
  get judgedTo(): Microseconds | undefined {
    return this.#judgedTo;
  }

  verdict(now: Microseconds): Verdict {
    const verdict: Verdict = { opened: [], changed: [], pending: [] };
    const words = wordingOf(this.device.metrics);
    for (const one of this.#cases.values()) {
      const finder = this.#finderOf(one);
      const { ruling, from } = one;
      const { rule } = ruling;
      const believedAt = Math.max(finder.dueAt ?? 0, this.#lastReceived + GRACE);
      if (now >= believedAt && this.#mayOpen(ruling, now)) {
        const { dueAt } = finder;
        finder.elapse(now);
        if (dueAt !== undefined) this.#judgedTo = Math.max(this.#judgedTo ?? dueAt, dueAt);
      }
      if (finder.pendingSince !== undefined) {
        const ids = { ruleId: rule.id, deviceId: this.device.id };
        verdict.pending.push({
          ...ids,
          since: finder.pendingSince,
          dueAt: Math.max(believedAt, now + SECOND),
        });
      }
      this.#compare(rule, finder.episodes, this.#episodesOf(rule, from), { verdict, words });
    }
    for (const episode of this.#episodes) {
      if (episode.clearedAt !== null || this.#rulings.some(({ rule }) => rule.id === episode.ruleId))
        continue;
      const { id, openedAt } = episode;
      verdict.changed.push({ id, openedAt, clearedAt: Math.max(openedAt, now), resolution: 'out_of_scope' });
    }
    return verdict;
  }

  #mayOpen({ isDue }: Ruling, at: Microseconds): boolean {
    return isDue(at) && !this.#quiet.some(({ from, to }) => at >= from && at < to);
  }

  #caseOf(ruling: Ruling): Case {
    const known = this.#cases.get(ruling);
    if (known) return known;
    const from = this.#from(ruling);
    const episode = this.#episodesOf(ruling.rule, from).find(
      ({ openedAt, clearedAt }) => openedAt < from && (clearedAt === null || clearedAt >= from),
    );
    const made: Case = {
      ruling,
      judge: ruling.condition.judge(),
      from,
      episode,
      before: new EpisodeFinder(Number.POSITIVE_INFINITY),
      finder: undefined,
    };
    this.#cases.set(ruling, made);
    return made;
  }

  #finderOf(one: Case): EpisodeFinder {
    const { rule } = one.ruling;
    const noted = this.#pending.find(({ ruleId, since }) => ruleId === rule.id && since <= one.from);
    const pendingSince = one.episode ? undefined : (noted?.since ?? one.before.pendingSince);
    one.finder ??= new EpisodeFinder(rule.forSeconds, { episode: one.episode, pendingSince });
    return one.finder;
  }

  /** Episodes that readings from then on can tell of. One that ended for another reason is not theirs. */
  #episodesOf(rule: JudgedRule, from: Microseconds): StoredEpisode[] {
    return this.#episodes.filter(
      ({ ruleId, clearedAt, resolution }) =>
        ruleId === rule.id &&
        (clearedAt === null || (clearedAt >= from && (resolution === 'cleared' || resolution === 'by_hand'))),
    );
  }

  #compare(
    rule: JudgedRule,
    found: readonly Episode[],
    stored: readonly StoredEpisode[],
    { verdict, words }: { verdict: Verdict; words: Wording },
  ): void {
    const left = new Set(stored);
    for (const episode of found) {
      const { openedAt, clearedAt } = episode;
      const end = clearedAt ?? Number.POSITIVE_INFINITY;
      let match: StoredEpisode | undefined;
      for (const known of left) {
        const knownEnd = known.clearedAt ?? Number.POSITIVE_INFINITY;
        if (known.id === episode.id || (known.openedAt <= end && openedAt <= knownEnd)) {
          match = known;
          break;
        }
      }
      if (match) {
        left.delete(match);
        if (match.openedAt !== openedAt || match.clearedAt !== (clearedAt ?? null))
          verdict.changed.push({ id: match.id, openedAt, clearedAt, resolution: 'cleared' });
        continue;
      }
      const { condition, forSeconds } = rule;
      verdict.opened.push({
        ruleId: rule.id,
        deviceId: this.device.id,
        summary: alertInWords(condition, forSeconds, episode.value, words),
        metric: 'metric' in condition ? condition.metric : undefined,
        value: episode.value,
        openedAt,
        clearedAt,
      });
    }
    for (const { id, openedAt } of left)
      verdict.changed.push({ id, openedAt, clearedAt: openedAt, resolution: 'withdrawn' });
  }
}
