import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { metrics } from '../observability.ts';
import { accountIdOf } from './caller.ts';
import { type ApiEvent, type ApiResult, replayed_header } from './http.ts';
import type { HttpRoute } from './route.ts';
import { toProblem } from './to-problem.ts';

/**
 * Writes one line per answer, which is its log and its metric: in CloudWatch's embedded metric
 * format, all other fields of a line belong to the log. Each line names its request itself. State
 * kept between calls would mix requests where one process serves several at a time.
 */
export function recordAnswers(
  forms: ReadonlyMap<string, { form: HttpRoute }>,
  account_claim: string,
): MiddlewareObj<ApiEvent, ApiResult> {
  const record: NonNullable<MiddlewareObj<ApiEvent, ApiResult>['after']> = ({ event, context, response, error }) => {
    const form = forms.get(event.routeKey)?.form;
    const status = response?.statusCode ?? 500;
    const facts = {
      message: 'answered',
      correlation_id: event.requestContext.requestId,
      request_id: context.awsRequestId,
      route_key: form?.route_key ?? 'none',
      status: String(status),
      account_id: form && accountIdOf(event, form, account_claim),
      code: error ? toProblem(error).code : undefined,
      replayed: response?.headers?.[replayed_header] === undefined ? undefined : 'true',
    };
    for (const [name, fact] of Object.entries(facts)) if (fact !== undefined) metrics.addMetadata(name, fact);
    metrics.addDimension('route', form?.route.name ?? 'none').addMetric(outcomeOf(status), MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  };
  return { after: record, onError: record };
}

function outcomeOf(status: number): 'Succeeded' | 'Refused' | 'Failed' {
  if (status >= 500) return 'Failed';
  return status >= 400 ? 'Refused' : 'Succeeded';
}
