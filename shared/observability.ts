import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** JSON lines. They hold no personal data, no secret and nothing that a caller wrote: account ids, routes, codes, counts. */
export const logger = new Logger();

/** Embedded in the log; the names of service and namespace come from the POWERTOOLS_ variables. */
export const metrics = new Metrics();

/** What is known of an error without its message, which may quote a request. */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    error: error.name,
    stack: frames.map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: errorFacts(error.cause) }),
  };
}
