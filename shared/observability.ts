import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/**
 * Logs JSON lines. They hold account ids, routes, codes and counts; no personal data, no secret,
 * and nothing that a caller wrote.
 */
export const logger = new Logger();

/** Metrics are lines of the log. The POWERTOOLS_ variables name service and namespace. */
export const metrics = new Metrics();

/** What may be logged of an error. Its message is left out, because it may quote a request. */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    error: error.name,
    stack: frames.map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: errorFacts(error.cause) }),
  };
}
