import type { ProblemCode } from './problems.ts';

/** What a problem says beyond its code and detail. */
export interface ProblemExtras {
  /** Extension members of the body: what the code's clients read. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that the API answers as it is. Thrown anywhere below a handler; refusals of the domain become one in `toProblem`. */
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

/** One field that is not as it should be. */
export interface FieldError {
  /** Where it is: `body.amount`, `query.cursor`, `path.feature`, `header.Idempotency-Key`. */
  readonly path: string;
  /** What is expected there. */
  readonly message: string;
}

/** 400 `validation_failed`, which names the fields. */
export function validationFailed(...errors: FieldError[]): Problem {
  const detail = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new Problem('validation_failed', detail, { members: { errors } });
}
