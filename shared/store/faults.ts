import type { Milliseconds } from '../domain/units.ts';
import { AccountBusy } from './errors.ts';

const throttled_names: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'TransactionConflictException',
]);

const unanswered_names: ReadonlySet<string> = new Set([
  'InternalServerError',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'AbortError',
]);

const unanswered_codes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/**
 * Whether a retry can help: the database was throttling, failing or silent. The call may have taken
 * effect.
 */
export function isUncertain(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = '$metadata' in error ? statusOf(error.$metadata) : undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    error instanceof AccountBusy ||
    throttled_names.has(error.name) ||
    unanswered_names.has(error.name) ||
    unanswered_codes.has(code) ||
    (status !== undefined && status >= 500)
  );
}

/** The call's answer. Throws `AccountBusy` if the database is throttling, failing or silent. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw isUncertain(error) ? new AccountBusy({ cause: error }) : error;
  }
}

function statusOf(metadata: unknown): number | undefined {
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** What retries need: chance and a clock, both from outside. */
export interface Pace {
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly wait: (ms: Milliseconds) => Promise<void>;
  /** A clock for durations, which never jumps. */
  readonly stopwatch: () => Milliseconds;
}

const first_wait_ms: Milliseconds = 10;
const longest_wait_ms: Milliseconds = 640;

/**
 * How long to wait after the n-th failure in a row (from 1). Full jitter below a doubling bound:
 * the more often processes collided, the further they spread out.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(failures: number, random: () => number): Milliseconds {
  return random() * Math.min(longest_wait_ms, first_wait_ms * 2 ** failures);
}
