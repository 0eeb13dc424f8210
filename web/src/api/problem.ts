/** What the API refused, in its own words (RFC 9457): what happened, why, and which fields are at fault. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  /** By where they stand in the body: `name`, `expected_topics.0.topic`. */
  readonly fields: Record<string, string>;

  constructor(status: number, body: unknown) {
    const problem = (body ?? {}) as {
      detail?: string;
      title?: string;
      message?: string;
      code?: string;
      errors?: FieldError[];
    };
    super(
      problem.detail ?? problem.message ?? problem.title ?? `The platform answered with status ${status}.`,
    );
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.fields = Object.fromEntries(
      (problem.errors ?? []).map(({ field, message }) => [field.replace(/^body\./, ''), message]),
    );
  }
}

interface FieldError {
  field: string;
  message: string;
}

/** No answer at all: the platform is down or the network is. */
export class Unreachable extends Error {
  constructor() {
    super('The platform can’t be reached. Check that it is running and that you are online.');
  }
}

/** True for what another try may bring: no answer, or an answer that is the platform's own trouble. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof ApiProblem && (error.status >= 500 || error.status === 429))
  );
}

/** An error as a sentence for people. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
