import { randomBytes, randomUUID } from 'node:crypto';
import type { RouteSpec } from '@billing-credits/local-cloud';
import {
  createIssuer,
  Gateway,
  type HttpAnswer,
  type HttpRequest,
  JwtAuthorizers,
  jsonAnswer,
  startHttpServer,
} from '@billing-credits/local-cloud';
import { StripeApiError, startFakeStripe } from '@billing-credits/stripe-fake';
import type { Context } from 'aws-lambda';
import Stripe from 'stripe';
import { accessApi } from '../../../functions/access/api.ts';
import { adminApi } from '../../../functions/admin/api.ts';
import { checkoutApi } from '../../../functions/checkout/api.ts';
import { composeWith } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { webhookApi } from '../../../functions/webhook/api.ts';
import { seedOf } from '../../../local/stripe-sync/seed.ts';
import { wantedProducts } from '../../../local/stripe-sync/wanted.ts';
import type { ApiEvent, ApiResult } from '../../../shared/api/http.ts';
import { type HttpRoute, service_scope } from '../../../shared/api/route.ts';
import type { ApiFunctionName } from '../../../shared/api/routes.ts';
import { httpRoutes } from '../../../shared/api/routes.ts';
import type { Database } from '../../../shared/store/database.ts';
import { applyStripeEvent } from '../../../shared/stripe/apply-stripe-event.ts';
import { openStripeGateway } from '../../../shared/stripe/gateway.ts';
import billing_config from '../../billing.config.ts';
import { catalog, eventObject, prices, subscriptionObject } from '../../stripe/stripe-objects.ts';
import { captureOutput } from './capture-output.ts';
import type { Api, WireAnswer, WireRequest } from './wire.ts';

export type Handler = (event: ApiEvent, context: Context) => Promise<ApiResult>;

export interface InProcessOptions {
  readonly database: Database;
  /** Puts a fault into a function. */
  readonly wrap?: (handler: Handler, name: ApiFunctionName) => Handler;
}

const began_at = Date.parse('2026-11-23T10:00:00.000Z');
const account_claim = 'org_id';
const audience = 'billing-credits';
const lambda_timeout_ms = 30_000;

/**
 * The functions' own handlers over the given database, behind the local cloud's gateway and issuer,
 * with the fake of Stripe: everything but the bundles and the queues, and no HTTP. Organisations
 * pay here: an account is named by a claim of its own, and its people may spend.
 */
export async function startInProcess({ database, wrap = (handler) => handler }: InProcessOptions): Promise<Api> {
  let at = began_at;
  const clock = { now: () => at };
  const api_key = `sk_test_${randomBytes(12).toString('hex')}`;
  const webhook_secret = `whsec_${randomBytes(12).toString('hex')}`;
  const outside = await startOutside(clock);
  const authorizers = new JwtAuthorizers(clock);
  const webhook = { url: `${outside.url}/webhook`, secret: webhook_secret };
  const fake = await startFakeStripe({ clock, port: 0, seed: seedOf(wantedProducts(billing_config)), webhook });
  const deps = makeDeps(database, clock.now, { url: fake.url, api_key });
  outside.apply = (event) => applyStripeEvent(event, deps);
  const handlers = handlersOver(deps, webhook_secret);
  const runners = function_names.map((name) => {
    const handler = wrap(handlers[name], name);
    return [name, { invoke: (event: unknown) => invoke(handler, event) }] as const;
  });
  const routes = httpRoutes().map((form) => routeSpec(form, outside.url));
  const domain_name = 'api.example';
  const gateway = new Gateway({ routes, cors: null, runners: new Map(runners), authorizers, clock, domain_name });
  const stripe = new Stripe(api_key, { host: '127.0.0.1', port: fake.port, protocol: 'http', telemetry: false });
  const settle = async () => {
    await fake.settled();
    outside.throwFailure();
  };
  await plantQuarantined(deps);
  const output = captureOutput();
  return {
    level: 'in-process',
    account_claim,
    secrets: [api_key, webhook_secret],
    send: (request) => send(gateway, request),
    token: (wish) => outside.issuer.token(wish),
    takeLog: () => output.take(),
    sign: (body) => {
      const timestamp = Math.floor(at / 1000);
      return Stripe.webhooks.generateTestHeaderStringAsync({
        payload: body.toString(),
        secret: webhook_secret,
        timestamp,
      });
    },
    begin: async () => {
      // What was bought in earlier sequences would renew in every later one.
      for await (const { id } of stripe.subscriptions.list()) await stripe.subscriptions.cancel(id);
      await settle();
      at = began_at;
    },
    wait: async (ms) => {
      at += ms;
      await fake.runDue();
      await settle();
    },
    pay: async (session_id) => {
      await fake.paySession(session_id, 'success').catch(throwUnlessRefused);
      await settle();
    },
    close: async () => {
      output.release();
      await Promise.all([fake.close(), outside.close()]);
    },
  };
}

/** The fake refuses to be paid twice. */
function throwUnlessRefused(error: unknown): void {
  if (!(error instanceof StripeApiError)) throw error;
}

const function_names = ['checkout', 'credits', 'access', 'webhook', 'admin'] as const satisfies ApiFunctionName[];

function makeDeps(database: Database, now: () => number, stripe: { url: string; api_key: string }) {
  const config = { ...billing_config, accounts: { claim: account_claim }, spending: { by_users: true } };
  const access = { read_api_key: async () => stripe.api_key, api_url: stripe.url, is_production: false };
  return {
    ...composeWith({ database, clock: now, config }),
    stripe: openStripeGateway(access, now),
    is_production: false,
    app_url: config.app_url[0],
    prices,
    catalog,
    reconciliations: { send: async () => {} },
  };
}

type FuzzDeps = ReturnType<typeof makeDeps>;

function handlersOver(deps: FuzzDeps, webhook_secret: string): Record<ApiFunctionName, Handler> {
  return {
    checkout: checkoutApi(deps),
    credits: creditsApi(deps),
    access: accessApi(deps),
    admin: adminApi(deps),
    webhook: webhookApi({
      ...deps,
      read_webhook_secrets: async () => webhook_secret,
      queue: { send: async () => {} },
    }),
  };
}

/**
 * What is outside of the API: the issuer with its keys, and the worker that Stripe's events come
 * to.
 */
async function startOutside(clock: { now(): number }) {
  const failures: unknown[] = [];
  const answer = async ({ target, body }: HttpRequest): Promise<HttpAnswer> => {
    if (target.endsWith('/jwks.json')) return jsonAnswer(outside.issuer.jwks());
    if (target !== '/webhook') return jsonAnswer(outside.issuer.discovery());
    await outside.apply(JSON.parse(body.toString())).catch((error: unknown) => failures.push(error));
    return jsonAnswer({});
  };
  const server = await startHttpServer({
    port: 0,
    most_body_bytes: 1_000_000,
    tooLarge: () => ({ status: 413 }),
    answer,
    failed: () => ({ status: 500 }),
  });
  const outside = {
    url: server.url,
    issuer: await createIssuer({ url: server.url, audience, clock }),
    apply: async (_event: unknown): Promise<unknown> => undefined,
    throwFailure: () => {
      const [failure] = failures.splice(0);
      if (failure !== undefined) throw failure;
    },
    close: () => server.close(),
  };
  return outside;
}

function routeSpec({ route_key, caller, served_by }: HttpRoute, issuer: string): RouteSpec {
  const has_token = caller === 'user' || caller === 'service';
  return {
    route_key,
    function_arn: served_by,
    authorizer: has_token ? { issuer, audience: [audience], header: 'authorization' } : null,
    scopes: caller === 'service' ? [service_scope] : [],
    integration_timeout_ms: lambda_timeout_ms,
  };
}

/** As Lambda: the event and the answer go through JSON. */
async function invoke(handler: Handler, event: unknown): Promise<unknown> {
  const context: Context = {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'f',
    functionVersion: '1',
    invokedFunctionArn: 'arn',
    memoryLimitInMB: '1024',
    awsRequestId: randomUUID(),
    logGroupName: 'g',
    logStreamName: 's',
    getRemainingTimeInMillis: () => lambda_timeout_ms,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
  return JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(event)), context)));
}

async function send(gateway: Gateway, { method, target, headers, body }: WireRequest): Promise<WireAnswer> {
  const grouped = Map.groupBy(headers, ([name]) => name.toLowerCase());
  const answer = await gateway.answer({
    method,
    target,
    headers: Object.fromEntries([...grouped].map(([name, all]) => [name, all.map(([, value]) => value)])),
    body,
    source_ip: '192.0.2.1',
    http_version: '1.1',
  });
  const answered = Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]);
  return { status: answer.status, headers: Object.fromEntries(answered), text: String(answer.body ?? '') };
}

/** Operators have something to see and to replay: subscriptions of customers that nobody knows. */
async function plantQuarantined(deps: FuzzDeps): Promise<void> {
  for (let number = 0; number < 4; number += 1) {
    const stranger = { id: `sub_${randomUUID()}`, customer: `cus_${randomUUID()}`, metadata: {} };
    await applyStripeEvent(eventObject('customer.subscription.created', subscriptionObject(stranger)), deps);
  }
}
