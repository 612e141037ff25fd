import { z } from 'zod';
import { type Addresses, nameResources } from './physical-names.ts';
import {
  apiSchema,
  authorizerSchema,
  eventSourceSchema,
  functionSchema,
  integrationSchema,
  queueSchema,
  routeSchema,
  scheduleSchema,
} from './resource-schemas.ts';
import { account_number, region, resolverOf, resourcesOf, type Template, TemplateNotSupported } from './template.ts';

export interface FunctionSpec {
  id: string;
  name: string;
  arn: string;
  /** `index.handler`. */
  handler: string;
  /** Names the asset with its code. */
  code_key: string;
  timeout_s: number;
  memory_mb: number;
  environment: Record<string, string>;
}

export interface JwtAuthorizerSpec {
  issuer: string;
  audience: string[];
  /** Lower-case name of the header with the token. */
  header: string;
}

export interface RouteSpec {
  /** `GET /api/credits`, or `$default`. */
  route_key: string;
  function_arn: string;
  authorizer: JwtAuthorizerSpec | null;
  scopes: string[];
  integration_timeout_ms: number;
}

export interface CorsSpec {
  allow_origins: string[];
  allow_methods: string[];
  allow_headers: string[];
  expose_headers: string[];
  allow_credentials: boolean;
  max_age_s: number | null;
}

export interface QueueSpec {
  name: string;
  url: string;
  arn: string;
  fifo: boolean;
  content_based_deduplication: boolean;
  deduplication_scope: 'queue' | 'messageGroup';
  visibility_timeout_s: number;
  delay_s: number;
  redrive: { dead_letter_arn: string; max_receive_count: number } | null;
}

export interface EventSourceSpec {
  queue_arn: string;
  /** Name or ARN. */
  function: string;
  batch_size: number;
  report_batch_item_failures: boolean;
  maximum_concurrency: number | null;
}

export interface ScheduleSpec {
  name: string;
  arn: string;
  expression: string;
  target_arn: string;
  /** JSON, or null for Scheduler's own event. */
  input: string | null;
}

export interface SecretSpec {
  arn: string;
}

/** What the template deploys, with every reference resolved. */
export interface System {
  functions: FunctionSpec[];
  routes: RouteSpec[];
  cors: CorsSpec | null;
  queues: QueueSpec[];
  event_sources: EventSourceSpec[];
  schedules: ScheduleSpec[];
  secrets: SecretSpec[];
}

/** One resource: how it is called here and its checked properties. */
interface Resource<T> {
  id: string;
  ref: string;
  arn: string;
  properties: T;
}

type Read = <S extends z.ZodObject>(type: string, schema: S) => Resource<z.infer<S>>[];

/**
 * Reads the template. Throws `TemplateNotSupported` if a resource asks for what the local cloud
 * does not do.
 */
export function readSystem(template: Template, addresses: Addresses): System {
  const physical = nameResources(template, addresses);
  const resolve = resolverOf(template, physical);
  const read: Read = (type, schema) =>
    resourcesOf(template, type).map(([id, given]) => {
      const { ref = id, attributes = {} } = physical.get(id) ?? {};
      const relevant = Object.fromEntries(Object.entries(given).filter(([name]) => name in schema.shape));
      const { success, data, error } = schema.safeParse(resolve(relevant));
      if (!success) throw new TemplateNotSupported(`in ${id} (${type}): ${z.prettifyError(error)}`);
      return { id, ref, arn: attributes.Arn ?? ref, properties: data };
    });
  return {
    functions: readFunctions(read),
    routes: readRoutes(read),
    cors: readCors(read),
    queues: readQueues(read),
    event_sources: readEventSources(read),
    schedules: readSchedules(read),
    secrets: read('AWS::SecretsManager::Secret', z.object({})).map(({ ref }) => ({ arn: ref })),
  };
}

function readFunctions(read: Read): FunctionSpec[] {
  return read('AWS::Lambda::Function', functionSchema).map(({ id, ref, arn, properties }) => ({
    id,
    name: ref,
    arn,
    handler: properties.Handler,
    code_key: properties.Code.S3Key,
    timeout_s: properties.Timeout,
    memory_mb: properties.MemorySize,
    environment: properties.Environment?.Variables ?? {},
  }));
}

function readRoutes(read: Read): RouteSpec[] {
  const integrations = new Map(
    read('AWS::ApiGatewayV2::Integration', integrationSchema).map((it) => [it.ref, it.properties]),
  );
  const authorizers = new Map(
    read('AWS::ApiGatewayV2::Authorizer', authorizerSchema).map(({ ref, properties }) => [
      ref,
      {
        issuer: properties.JwtConfiguration.Issuer,
        audience: properties.JwtConfiguration.Audience,
        header: properties.IdentitySource[0].slice('$request.header.'.length).toLowerCase(),
      },
    ]),
  );
  return read('AWS::ApiGatewayV2::Route', routeSchema).map(({ id, properties }) => {
    const integration = integrations.get(properties.Target.slice('integrations/'.length));
    const authorizer = authorizers.get(properties.AuthorizerId ?? '') ?? null;
    if (integration === undefined) throw new TemplateNotSupported(`${id}, a route without an integration`);
    if (properties.AuthorizationType === 'JWT' && authorizer === null) {
      throw new TemplateNotSupported(`${id}, a route without its authorizer`);
    }
    return {
      route_key: properties.RouteKey,
      function_arn: integration.IntegrationUri,
      authorizer: properties.AuthorizationType === 'JWT' ? authorizer : null,
      scopes: properties.AuthorizationScopes,
      integration_timeout_ms: integration.TimeoutInMillis,
    };
  });
}

function readCors(read: Read): CorsSpec | null {
  const [api] = read('AWS::ApiGatewayV2::Api', apiSchema);
  const cors = api?.properties.CorsConfiguration;
  if (cors === undefined) return null;
  return {
    allow_origins: cors.AllowOrigins,
    allow_methods: cors.AllowMethods,
    allow_headers: cors.AllowHeaders,
    expose_headers: cors.ExposeHeaders,
    allow_credentials: cors.AllowCredentials,
    max_age_s: cors.MaxAge ?? null,
  };
}

function readQueues(read: Read): QueueSpec[] {
  return read('AWS::SQS::Queue', queueSchema).map(({ ref, arn, properties }) => ({
    name: arn.slice(arn.lastIndexOf(':') + 1),
    url: ref,
    arn,
    fifo: properties.FifoQueue,
    content_based_deduplication: properties.ContentBasedDeduplication,
    deduplication_scope: properties.DeduplicationScope,
    visibility_timeout_s: properties.VisibilityTimeout,
    delay_s: properties.DelaySeconds,
    redrive: properties.RedrivePolicy
      ? {
          dead_letter_arn: properties.RedrivePolicy.deadLetterTargetArn,
          max_receive_count: properties.RedrivePolicy.maxReceiveCount,
        }
      : null,
  }));
}

function readEventSources(read: Read): EventSourceSpec[] {
  return read('AWS::Lambda::EventSourceMapping', eventSourceSchema)
    .filter(({ properties }) => properties.Enabled)
    .map(({ properties }) => ({
      queue_arn: properties.EventSourceArn,
      function: properties.FunctionName,
      batch_size: properties.BatchSize,
      report_batch_item_failures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      maximum_concurrency: properties.ScalingConfig?.MaximumConcurrency ?? null,
    }));
}

function readSchedules(read: Read): ScheduleSpec[] {
  return read('AWS::Scheduler::Schedule', scheduleSchema)
    .filter(({ properties }) => properties.State === 'ENABLED')
    .map(({ ref, properties }) => ({
      name: ref,
      arn: `arn:aws:scheduler:${region}:${account_number}:schedule/default/${ref}`,
      expression: properties.ScheduleExpression,
      target_arn: properties.Target.Arn,
      input: properties.Target.Input ?? null,
    }));
}
