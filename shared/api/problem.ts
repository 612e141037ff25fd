import type { ProblemCode } from './problems.ts';

/**
 * A refusal that the API answers as it is. Any code below a handler may throw it; `toProblem` turns
 * refusals of the domain into one.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  /** Extension members of the body, for clients that know the code. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, members: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.members = members;
  }
}

/** One wrong field of a request. */
export interface FieldError {
  /** The field's place: `body.amount`, `query.cursor`, `path.feature`, `header.Idempotency-Key`. */
  readonly path: string;
  /** What the field should be. */
  readonly message: string;
}

/** 400 `validation_failed` with the wrong fields. */
export function validationFailed(...errors: FieldError[]): Problem {
  const detail = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new Problem('validation_failed', detail, { errors });
}
