import type { ProblemCode } from './problems.ts';

/** What a problem says beyond its code and detail. */
export interface ProblemExtras {
  /** Extension members of the body, for clients that know the code. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A refusal that the API answers as it is. Any code below a handler may throw it; `toProblem` turns
 * refusals of the domain into one.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, { members = {}, headers = {} }: ProblemExtras = {}) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.members = members;
    this.headers = headers;
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
  return new Problem('validation_failed', detail, { members: { errors } });
}
