import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { ApiEvent } from '../shared/api/http.ts';

/**
 * The event that API Gateway hands to the function for a deduction of one credit by the app's
 * backend.
 */
export function deductEvent(account_id: string, idempotency_key: string): ApiEvent {
  const path = `/api/accounts/${account_id}/credits/deduct`;
  const route_key = 'POST /api/accounts/{account_id}/credits/deduct';
  const claims = {
    sub: 'backend',
    scope: 'billing:service',
    iss: 'https://issuer.example.com',
    aud: 'billing-credits',
    iat: '1',
    exp: '2',
  };
  return {
    version: '2.0',
    routeKey: route_key,
    rawPath: path,
    rawQueryString: '',
    pathParameters: { account_id },
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotency_key, authorization: 'Bearer …' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      authorizer: { principalId: '', integrationLatency: 0, jwt: { claims, scopes: [] } },
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'bench' },
      requestId: randomUUID(),
      routeKey: route_key,
      stage: '$default',
      time: '23/Nov/2026:10:00:00 +0000',
      timeEpoch: Date.now(),
    },
    body: JSON.stringify({ amount: 1, description: 'Image generation, 1024×1024' }),
    isBase64Encoded: false,
  };
}

/** The Lambda runtime's context of one call. */
export function lambdaContext(): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'credits',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:credits',
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: 'credits',
    logStreamName: 'bench',
    getRemainingTimeInMillis: () => 10_000,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
