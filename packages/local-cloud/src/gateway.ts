import { randomUUID } from 'node:crypto';
import { type Authorized, type JwtAuthorizers, MissingScope, Unauthorized } from './authorizer.ts';
import type { Clock } from './clock.ts';
import { answerWithCors } from './cors.ts';
import { FunctionFailed, type Invocable } from './function-runner.ts';
import { fromFunctionAnswer, splitTarget, toEvent } from './gateway-event.ts';
import type { HttpAnswer, HttpRequest } from './http-server.ts';
import { toAnswer } from './problem.ts';
import { type RouteMatch, RouteTable } from './route-table.ts';
import type { CorsSpec, RouteSpec } from './system.ts';

/** The longest body that API Gateway takes. */
export const most_body_bytes = 10 * 1024 * 1024;

export interface GatewayOptions {
  routes: RouteSpec[];
  cors: CorsSpec | null;
  /** By the function's ARN. */
  runners: ReadonlyMap<string, Invocable>;
  authorizers: JwtAuthorizers;
  clock: Clock;
  domain_name: string;
}

/*
 * What API Gateway answers by itself; its own words are in `message`.
 */

const notFound = () =>
  toAnswer({ status: 404, code: 'not_found', detail: 'There is no such route.', members: { message: 'Not Found' } });

const badRequest = () =>
  toAnswer({
    status: 400,
    code: 'bad_request',
    detail: 'The path is not percent-encoded as it should be.',
    members: { message: 'Bad Request' },
  });

export const tooLarge = () =>
  toAnswer({
    status: 413,
    code: 'payload_too_large',
    detail: `The body is larger than ${most_body_bytes} bytes.`,
    members: { message: 'Request Entity Too Large' },
  });

export const internalError = () =>
  toAnswer({
    status: 500,
    code: 'internal_error',
    detail: 'The function failed.',
    members: { message: 'Internal Server Error' },
  });

/** While the API starts, or when its function takes too long. */
export const unavailable = (detail: string) =>
  toAnswer({ status: 503, code: 'service_unavailable', detail, members: { message: 'Service Unavailable' } });

const unauthorized = ({ message }: Unauthorized) =>
  toAnswer({
    status: 401,
    code: 'unauthorized',
    detail: `A valid token is required: ${message}.`,
    headers: {
      'www-authenticate': `Bearer scope="" error="invalid_token" error_description="${headerText(message)}"`,
    },
    members: { message: 'Unauthorized' },
  });

/** What may stand in a header between quotation marks. */
const headerText = (text: string) => text.replace(/[^\x20-\x7e]|["\\]/g, '?');

const forbidden = ({ message }: MissingScope) =>
  toAnswer({ status: 403, code: 'forbidden', detail: `Not allowed: ${message}.`, members: { message: 'Forbidden' } });

/** The HTTP API of the template. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #table: RouteTable<RouteSpec>;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#table = new RouteTable(options.routes);
  }

  answer(request: HttpRequest): Promise<HttpAnswer> {
    return answerWithCors(this.#options.cors, request, () => this.#route(request));
  }

  async #route(request: HttpRequest): Promise<HttpAnswer> {
    let match: RouteMatch<RouteSpec> | null;
    try {
      match = this.#table.find(request.method, splitTarget(request.target).path);
    } catch (error) {
      if (error instanceof URIError) return badRequest();
      throw error;
    }
    if (match === null) return notFound();
    const { authorizer, scopes } = match.route;
    try {
      const authorized =
        authorizer === null
          ? null
          : await this.#options.authorizers.authorize(authorizer, scopes, request.headers[authorizer.header]?.[0]);
      return await this.#call(match, request, authorized);
    } catch (error) {
      if (error instanceof Unauthorized) return unauthorized(error);
      if (error instanceof MissingScope) return forbidden(error);
      throw error;
    }
  }

  async #call(
    { route, path_parameters }: RouteMatch<RouteSpec>,
    request: HttpRequest,
    authorizer: Authorized | null,
  ): Promise<HttpAnswer> {
    const { runners, clock, domain_name } = this.#options;
    const runner = runners.get(route.function_arn);
    if (runner === undefined) return internalError();
    const request_id = randomUUID();
    const now = clock.now();
    const { route_key } = route;
    const event = toEvent({ request, request_id, route_key, path_parameters, authorizer, now, domain_name });
    const answer = await withinTime(runner.invoke(event), route.integration_timeout_ms);
    return { ...answer, headers: { ...answer.headers, 'apigw-requestid': request_id } };
  }
}

async function withinTime(result: Promise<unknown>, timeout_ms: number): Promise<HttpAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HttpAnswer>((resolve) => {
    timer = setTimeout(() => resolve(unavailable('The function took too long.')), timeout_ms);
  });
  const answered = result.then(
    (answer) => fromFunctionAnswer(answer) ?? internalError(),
    (error: unknown) => {
      if (error instanceof FunctionFailed) return internalError();
      throw error;
    },
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
