import { AccessLogFormat, AccessLogField as field } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type Caller, service_scopes } from '../../shared/api/route.ts';
import type { ApiFunctionName, ApiRoute } from '../../shared/api/routes.ts';
import type { AppUrls } from '../settings.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import type { BillingFunction } from './billing-function.ts';
import type { SignIn } from './sign-in.ts';

/**
 * Requests per second of the whole API, and how many may come at once. Beyond them API Gateway
 * answers 429.
 */
const THROTTLE = { rateLimit: 1_000, burstLimit: 2_000 };

/**
 * How many server errors within five minutes wake somebody. After a single 503 of a busy account
 * the caller repeats.
 */
const SERVER_ERRORS = 5;

/** Why the gateway lets a caller without a token through to the function. */
const OPEN_TO: Partial<Record<Caller, string>> = {
  public: 'Says nothing about any account: the plans on sale, the health and the description of the API.',
  stripe: 'Stripe has no token. The function verifies the signature of every event and refuses all others.',
};

export interface BillingApiProps {
  readonly stage: Stage;
  readonly alarms: Alarms;
  readonly sign_in: SignIn;
  readonly routes: readonly ApiRoute[];
  readonly functions: Readonly<Record<ApiFunctionName, BillingFunction>>;
  /** Their origins may call the API from a browser. */
  readonly app_urls: AppUrls;
}

/** The HTTP API, made from the table of routes. Nothing else is reachable. */
export class BillingApi extends Construct {
  readonly url: string;
  readonly #api: HttpApi;

  constructor(scope: Construct, id: string, props: BillingApiProps) {
    super(scope, id);
    this.#api = new HttpApi(this, 'Api', {
      apiName: `billing-credits-${props.stage.name}`,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...new Set(props.app_urls.map((url) => new URL(url).origin))],
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.PUT, CorsHttpMethod.DELETE],
        allowHeaders: ['authorization', 'content-type', 'idempotency-key'],
        exposeHeaders: ['idempotency-replayed', 'retry-after'],
        maxAge: Duration.hours(1),
      },
    });
    this.#addRoutes(props);
    const stage = this.#addStage(props.stage);
    this.url = this.#api.apiEndpoint;
    props.alarms.watch(stage, 'ServerErrors', {
      metric: stage.metricServerError({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: SERVER_ERRORS,
      meaning: 'The API answered requests with 5xx.',
      runbook: 'api-server-errors',
    });
  }

  #addRoutes({ routes, functions, sign_in }: BillingApiProps): void {
    const authorizer = new HttpJwtAuthorizer('SignIn', sign_in.issuer, { jwtAudience: [...sign_in.audiences] });
    const integrations = new Map<ApiFunctionName, HttpLambdaIntegration>();
    for (const { method, path, caller, served_by } of routes) {
      const integration = integrations.get(served_by) ?? integrationWith(served_by, functions[served_by]);
      integrations.set(served_by, integration);
      const added = this.#api.addRoutes({
        path,
        methods: [HttpMethod[method]],
        integration,
        ...authorization(caller, authorizer),
      });
      acknowledgeOpenRoutes(added, caller);
    }
  }

  #addStage(stage: Stage): HttpStage {
    const log_group = new LogGroup(this, 'AccessLogs', {
      retention: stage.log_retention,
      removalPolicy: stage.removal_policy,
    });
    return new HttpStage(this, 'Stage', {
      httpApi: this.#api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: { destination: new LogGroupLogDestination(log_group), format: accessLogFormat() },
    });
  }
}

/**
 * One permission for the whole API: one per route would outgrow the 20 KB that a function's policy
 * may have.
 */
function integrationWith(name: ApiFunctionName, fn: BillingFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(name, fn, { scopePermissionToRoute: false });
}

function authorization(
  caller: Caller,
  authorizer: IHttpRouteAuthorizer,
): { authorizer?: IHttpRouteAuthorizer; authorizationScopes?: string[] } {
  switch (caller) {
    case 'user':
      return { authorizer };
    case 'service':
      return { authorizer, authorizationScopes: [...service_scopes] };
    case 'public':
    case 'stripe':
      return {};
  }
}

function acknowledgeOpenRoutes(routes: readonly HttpRoute[], caller: Caller): void {
  const reason = OPEN_TO[caller];
  if (!reason) return;
  for (const route of routes) Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
}

/**
 * The log has the route's pattern, and never the request's path, address, claims or headers: those
 * name people.
 */
function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      request_id: field.contextRequestId(),
      requested_at: field.contextRequestTime(),
      route: '$context.routeKey',
      status: field.contextStatus(),
      latency_ms: '$context.responseLatency',
      integration_latency_ms: '$context.integrationLatency',
      integration_status: '$context.integrationStatus',
      response_bytes: field.contextResponseLength(),
      error: '$context.error.message',
      authorizer_error: '$context.authorizer.error',
    }),
  );
}
