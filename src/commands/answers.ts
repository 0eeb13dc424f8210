import { parseAnswer } from '../domain/command-answer.ts';
import type { InboundMessage } from '../ingest/message.ts';
import type { AnswerOutcome } from '../ingest/prepare.ts';
import { PlatformError } from '../service/errors.ts';
import type { Written } from './judge.ts';
import type { Ledger } from './ledger.ts';

const events = { acknowledged: 'acknowledge', succeeded: 'succeed', failed: 'fail' } as const;

const outcomes: Record<Written, AnswerOutcome> = {
  changed: 'taken',
  repeated: 'repeated',
  finished: { reason: 'command_finished', detail: '' },
  unknown: { reason: 'unknown_command', detail: '' },
  not_its: { reason: 'not_its_command', detail: '' },
};

/** What devices answer, for ingest to store as messages of theirs once it has been taken. */
export class Answers {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Resolves once the answer is committed, with what became of it. Never rejects. */
  async take(message: InboundMessage): Promise<AnswerOutcome> {
    const { payload, correlation, device, source } = message;
    const answer = parseAnswer(payload, correlation);
    if ('problem' in answer) return { reason: 'invalid_answer', detail: answer.problem };
    // What names no device was refused before.
    const from = {
      organizationId: source.integration.organizationId,
      externalDeviceId: device?.externalDeviceId ?? '',
    };
    const { id, status, result } = answer;
    return this.#ledger.write({ id, event: events[status], from, result }).then(
      (written) => outcomes[written],
      (error) =>
        error instanceof PlatformError && error.code === 'unavailable'
          ? // A stop leaves it open, which keeps its acknowledgement back: the device sends it again.
            new Promise<never>(() => {})
          : { reason: 'invalid_answer', detail: 'it can’t be stored' },
    );
  }
}
