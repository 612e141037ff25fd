import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { logger, metrics } from '../observability.ts';
import { accountIdOf } from './caller.ts';
import { type ApiEvent, type ApiResult, replayed_header } from './http.ts';
import type { HttpRoute } from './route.ts';
import { toProblem } from './to-problem.ts';

/**
 * One log line and one metric per answer. Each line names its request itself: state kept in the logger between calls would mix
 * requests where one process serves several at a time.
 */
export function recordAnswers(
  forms: ReadonlyMap<string, { form: HttpRoute }>,
  account_claim: string,
): MiddlewareObj<ApiEvent, ApiResult> {
  const record: NonNullable<MiddlewareObj<ApiEvent, ApiResult>['after']> = ({ event, context, response, error }) => {
    const form = forms.get(event.routeKey)?.form;
    const status = response?.statusCode ?? 500;
    logger.info('answered', {
      correlation_id: event.requestContext.requestId,
      request_id: context.awsRequestId,
      route: form?.route_key ?? 'none',
      status,
      ...(form === undefined ? {} : { account_id: accountIdOf(event, form, account_claim) }),
      ...(error ? { code: toProblem(error).code } : {}),
      ...(response?.headers?.[replayed_header] === undefined ? {} : { replayed: true }),
    });
    metrics.addDimension('route', form?.route.name ?? 'none').addMetric(outcomeOf(status), MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  };
  return { after: record, onError: record };
}

function outcomeOf(status: number): 'Succeeded' | 'Refused' | 'Failed' {
  if (status >= 500) return 'Failed';
  return status >= 400 ? 'Refused' : 'Succeeded';
}
