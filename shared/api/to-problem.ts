import {
  CreditsOutOfRange,
  DomainError,
  ExpiryInPast,
  InsufficientCredits,
  MemberCapExceeded,
  RefundExceedsCharge,
} from '../domain/errors.ts';
import { Problem, type ProblemExtras, validationFailed } from './problem.ts';
import { isProblemCode } from './problems.ts';

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
    return new Problem(error.code, error.message, extrasOf(error));
  }
  return new Problem(
    'internal_error',
    'The request could not be handled. It is safe to send it again with the same key.',
  );
}

function extrasOf(error: DomainError): ProblemExtras {
  if (error instanceof InsufficientCredits) {
    return { members: { required: error.required, available_credits: error.available_credits } };
  }
  if (error instanceof MemberCapExceeded) {
    const { required, monthly_credits, used_credits } = error;
    return { members: { required, monthly_credits, used_credits } };
  }
  if (error instanceof RefundExceedsCharge) return { members: { refundable_credits: error.refundable_credits } };
  if ('retry_after_s' in error) return { headers: { 'retry-after': String(error.retry_after_s) } };
  return {};
}
