import { DomainError, type RefusalCode, Unavailable } from '../domain/errors.ts';
import { Problem, validationFailed } from './problem.ts';
import { isProblemCode, membersOf, type ProblemCode } from './problems.ts';

/**
 * The one place that maps errors to problems. An unexpected error, and a refusal that no route
 * should meet, becomes `internal_error`, which tells nothing of the inside.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable) return new Problem(error.code, error.message);
  return error instanceof DomainError ? toRefusalProblem(error) : internalError();
}

/** A refusal keeps its code if the API has a problem of it, and tells the members of that problem. */
function toRefusalProblem({ code, message, members }: DomainError): Problem {
  if (!isProblemCode(code)) return other_problems[code](message);
  const told = membersOf(code);
  return new Problem(code, message, Object.fromEntries(Object.entries(members).filter(([name]) => name in told)));
}

/** What the API answers for the refusals whose code is not a problem's. */
const other_problems: Readonly<Record<Exclude<RefusalCode, ProblemCode>, (message: string) => Problem>> = {
  credits_out_of_range: (message) => validationFailed({ path: 'body.amount', message }),
  expiry_in_past: (message) => validationFailed({ path: 'body.expires_at', message }),
  hold_not_found: (message) => new Problem('not_found', message),
  entry_not_found: (message) => new Problem('not_found', message),
  // Only Stripe's events meet these.
  stale_snapshot: internalError,
  customer_mismatch: internalError,
};

function internalError(): Problem {
  return new Problem(
    'internal_error',
    'The request could not be handled. It is safe to send it again with the same key.',
  );
}
