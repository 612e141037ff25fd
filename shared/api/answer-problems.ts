import type { MiddlewareObj } from '@middy/core';
import { errorFacts, logger } from '../observability.ts';
import { type ApiEvent, type ApiResult, toProblemResult } from './http.ts';
import { toProblem } from './to-problem.ts';

/**
 * Answers a thrown error as a problem. An unexpected error is logged, without what the request
 * said.
 */
export function answerProblems(): MiddlewareObj<ApiEvent, ApiResult> {
  return {
    onError(request) {
      const problem = toProblem(request.error);
      if (problem.code === 'internal_error') {
        logger.error('unexpected error', {
          correlation_id: request.event.requestContext.requestId,
          request_id: request.context.awsRequestId,
          ...errorFacts(request.error),
        });
      }
      request.response = toProblemResult(problem);
    },
  };
}
