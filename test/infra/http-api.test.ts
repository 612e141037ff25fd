import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { httpRoutes } from '../../shared/api/routes.ts';
import { GIVEN_ISSUER, nameOf, referred, SynthesizedStack } from './synthesized-stack.ts';

const route_schema = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.string(),
  AuthorizationScopes: z.array(z.string()).optional(),
  AuthorizerId: z.unknown().optional(),
  Target: z.unknown(),
});
/** Any of them will do: existing Cognito pools can issue the second one only. */
const SERVICE_SCOPES = ['billing:service', 'billing/service'];

const function_schema = z.object({
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

const stack = SynthesizedStack.of(GIVEN_ISSUER);
const routes = stack.all('AWS::ApiGatewayV2::Route').map(([, properties]) => route_schema.parse(properties));

/** The functions behind a route, by the names under which they log. */
function servedBy(target: unknown): string[] {
  const [integration = ''] = referred(target);
  const found = stack.all('AWS::ApiGatewayV2::Integration').filter(([id]) => nameOf(id) === integration);
  return found.flatMap(([, { IntegrationUri }]) => referred(IntegrationUri)).map(loggedName);
}

/** `WebhookReceiver` → `webhook`. */
function loggedName(id: string): string {
  const { Environment } = function_schema.parse(stack.one('AWS::Lambda::Function', id).Properties);
  return Environment.Variables.POWERTOOLS_SERVICE_NAME;
}

test('the API has the routes of the table and no others', () => {
  expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(
    httpRoutes()
      .map(({ route_key }) => route_key)
      .sort(),
  );
});

describe('each route asks for the token its callers have, and reaches its function', () => {
  test.each(httpRoutes().map((route) => [route.route_key, route] as const))(
    '%s',
    (route_key, { caller, served_by }) => {
      const route = routes.find(({ RouteKey }) => RouteKey === route_key);
      expect(servedBy(route?.Target)).toEqual([served_by]);
      const open = caller === 'public' || caller === 'stripe';
      expect(route?.AuthorizationType).toBe(open ? 'NONE' : 'JWT');
      expect(referred(route?.AuthorizerId)).toEqual(open ? [] : ['HttpApiSignIn']);
      expect(route?.AuthorizationScopes).toEqual(caller === 'service' ? SERVICE_SCOPES : undefined);
    },
  );
});

test('each route that names an account is for services only', () => {
  const naming = routes.filter(({ RouteKey }) => RouteKey.includes('{account_id}'));
  expect(naming.length).toBeGreaterThan(0);
  for (const { AuthorizationScopes } of naming) expect(AuthorizationScopes).toEqual(SERVICE_SCOPES);
});

test('functions answer in payload format 2.0, and this API may call each by one permission', () => {
  for (const [, properties] of stack.all('AWS::ApiGatewayV2::Integration')) {
    expect(properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
  }
  const allowed = stack.all('AWS::Lambda::Permission').map(([, { FunctionName, SourceArn }]) => {
    expect(referred(SourceArn)).toEqual(['HttpApi']);
    return loggedName(referred(FunctionName).join());
  });
  expect(allowed.sort()).toEqual([...new Set(httpRoutes().map(({ served_by }) => served_by))].sort());
});

test('browsers may call from the app only, and read the headers they need', () => {
  expect(stack.one('AWS::ApiGatewayV2::Api', 'HttpApi').Properties.CorsConfiguration).toEqual({
    AllowOrigins: ['https://app.example.com'],
    AllowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    AllowHeaders: ['authorization', 'content-type', 'idempotency-key'],
    ExposeHeaders: ['idempotency-replayed', 'retry-after'],
    MaxAge: 3600,
  });
});

test('the context’s app is the one that browsers may call from', () => {
  const other = SynthesizedStack.of({ ...GIVEN_ISSUER, appUrl: 'http://127.0.0.1:5173/app' });
  const { CorsConfiguration } = other.one('AWS::ApiGatewayV2::Api', 'HttpApi').Properties;
  expect(CorsConfiguration).toMatchObject({ AllowOrigins: ['http://127.0.0.1:5173'] });
  expect(other.one('AWS::Lambda::Function', 'Checkout').Properties).toMatchObject({
    Environment: { Variables: { APP_URL: 'http://127.0.0.1:5173/app' } },
  });
});

describe('several apps', () => {
  const urls = ['https://a.example/app', 'https://b.example', 'https://a.example/admin'];
  const several = SynthesizedStack.of({ appUrl: urls.join(', ') });

  test('may all call from browsers', () => {
    expect(several.one('AWS::ApiGatewayV2::Api', 'HttpApi').Properties.CorsConfiguration).toMatchObject({
      AllowOrigins: ['https://a.example', 'https://b.example'],
    });
  });

  test('may all be returned to by the pages of the user pool', () => {
    expect(several.one('AWS::Cognito::UserPoolClient', 'SignInUsersApp').Properties).toMatchObject({
      CallbackURLs: urls,
      LogoutURLs: urls,
    });
  });

  test('share the first for what comes back from checkout and portal', () => {
    expect(several.one('AWS::Lambda::Function', 'Checkout').Properties).toMatchObject({
      Environment: { Variables: { APP_URL: 'https://a.example/app' } },
    });
  });
});

describe('the API’s stage', () => {
  const { Properties } = stack.one('AWS::ApiGatewayV2::Stage', 'HttpStage');

  test('is throttled', () => {
    expect(Properties.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 });
  });

  test('logs each request as JSON, without paths, addresses, tokens or claims', () => {
    const { Format } = z.object({ Format: z.string() }).parse(Properties.AccessLogSettings);
    const format = z.record(z.string(), z.string()).parse(JSON.parse(Format));
    expect(Object.values(format).sort()).toEqual([
      '$context.authorizer.error',
      '$context.error.message',
      '$context.integrationLatency',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ]);
  });
});

describe('sign-in', () => {
  test('accepts the tokens of a given issuer, and creates no user pool', () => {
    expect(stack.one('AWS::ApiGatewayV2::Authorizer', 'HttpApiSignIn').Properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://sign-in.example.com', Audience: ['billing-app'] },
    });
    expect(stack.names('AWS::Cognito::UserPool')).toEqual([]);
  });

  test('may have several audiences', () => {
    const several = SynthesizedStack.of({ ...GIVEN_ISSUER, audience: 'app,backend' });
    expect(several.one('AWS::ApiGatewayV2::Authorizer', 'HttpApiSignIn').Properties).toMatchObject({
      JwtConfiguration: { Audience: ['app', 'backend'] },
    });
  });

  test('creates a user pool when no issuer is given, with clients for the app and for backends', () => {
    const own = SynthesizedStack.of();
    const { JwtConfiguration } = own.one('AWS::ApiGatewayV2::Authorizer', 'HttpApiSignIn').Properties;
    expect(referred(JwtConfiguration)).toEqual(['SignInUsersApp', 'SignInUsersBackend', 'SignInUsers']);
    expect(own.one('AWS::Cognito::UserPoolClient', 'SignInUsersBackend').Properties).toMatchObject({
      AllowedOAuthFlows: ['client_credentials'],
      GenerateSecret: true,
    });
    // A customer's token never has the scope of services.
    expect(own.one('AWS::Cognito::UserPoolClient', 'SignInUsersApp').Properties).toMatchObject({
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email'],
    });
    const scopes = own
      .all('AWS::ApiGatewayV2::Route')
      .map(([, properties]) => route_schema.parse(properties))
      .flatMap(({ AuthorizationScopes }) => AuthorizationScopes ?? []);
    expect(new Set(scopes)).toEqual(new Set(SERVICE_SCOPES));
  });
});
