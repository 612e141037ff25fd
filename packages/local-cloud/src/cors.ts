import type { HttpAnswer, HttpRequest } from './http-server.ts';
import type { CorsSpec } from './system.ts';

const originOf = (request: HttpRequest) => request.headers.origin?.[0];

function allowedOrigin(cors: CorsSpec, origin: string | undefined): string | null {
  if (origin === undefined) return null;
  if (cors.allow_origins.includes('*')) return '*';
  return cors.allow_origins.some((allowed) => matches(allowed, origin)) ? origin : null;
}

/** An allowed origin may be a scheme with a wildcard: `https://*`. */
function matches(allowed: string, origin: string): boolean {
  return allowed.endsWith('*') ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}

/** Whether pages of this origin may call the API. */
export function allowsOrigin(cors: CorsSpec | null, origin: string): boolean {
  return cors !== null && allowedOrigin(cors, origin) !== null;
}

/** True for the question that a browser asks before a request. */
function isPreflight(request: HttpRequest): boolean {
  return (
    request.method === 'OPTIONS' &&
    originOf(request) !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/**
 * Answers as an API with CORS does; without it, as `next` does. API Gateway answers preflights for
 * every path.
 */
export async function answerWithCors(
  cors: CorsSpec | null,
  request: HttpRequest,
  next: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  if (cors === null) return next();
  return isPreflight(request) ? answerPreflight(cors, request) : withCors(cors, request, await next());
}

function answerPreflight(cors: CorsSpec, request: HttpRequest): HttpAnswer {
  const origin = allowedOrigin(cors, originOf(request));
  if (origin === null) return { status: 204 };
  const headers: Record<string, string> = {
    ...originHeaders(cors, origin),
    'access-control-allow-methods': cors.allow_methods.join(','),
    'access-control-allow-headers': cors.allow_headers.join(','),
  };
  if (cors.max_age_s !== null) headers['access-control-max-age'] = String(cors.max_age_s);
  return { status: 204, headers };
}

/**
 * Adds the headers that let a browser read the answer; a function's own ones do not count when the
 * API has CORS.
 */
function withCors(cors: CorsSpec, request: HttpRequest, answer: HttpAnswer): HttpAnswer {
  const origin = allowedOrigin(cors, originOf(request));
  const own = Object.entries(answer.headers ?? {}).filter(([name]) => !name.startsWith('access-control-'));
  const headers: Record<string, string | string[]> = Object.fromEntries(own);
  if (origin !== null) {
    Object.assign(headers, originHeaders(cors, origin));
    if (cors.expose_headers.length > 0) headers['access-control-expose-headers'] = cors.expose_headers.join(',');
  }
  return { ...answer, headers };
}

function originHeaders(cors: CorsSpec, origin: string): Record<string, string> {
  const headers: Record<string, string> = { 'access-control-allow-origin': origin, vary: 'origin' };
  if (cors.allow_credentials) headers['access-control-allow-credentials'] = 'true';
  return headers;
}
