import { CreditsOutOfRange, DomainError, ExpiryInPast } from '../domain/errors.ts';
import { Problem, type ProblemExtras, validationFailed } from './problem.ts';
import { isProblemCode, membersOf, type ProblemCode } from './problems.ts';

/**
 * The one place that maps errors to problems. A refusal of the domain keeps its code. An unexpected
 * error, and a refusal that no route should meet, becomes `internal_error`, which tells nothing of
 * the inside.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CreditsOutOfRange) return validationFailed({ path: 'body.amount', message: error.message });
  if (error instanceof ExpiryInPast) return validationFailed({ path: 'body.expires_at', message: error.message });
  if (error instanceof DomainError && isProblemCode(error.code)) {
    return new Problem(error.code, error.message, extrasOf(error, error.code));
  }
  return new Problem(
    'internal_error',
    'The request could not be handled. It is safe to send it again with the same key.',
  );
}

/** The members that the code declares are the error's fields of the same names. */
function extrasOf(error: DomainError, code: ProblemCode): ProblemExtras {
  const fields = new Map<string, unknown>(Object.entries(error));
  const members = Object.fromEntries(Object.keys(membersOf(code)).map((name) => [name, fields.get(name)]));
  return { members, ...('retry_after_s' in error ? { headers: { 'retry-after': String(error.retry_after_s) } } : {}) };
}
