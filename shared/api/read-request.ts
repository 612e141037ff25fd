import { Problem, validationFailed } from './problem.ts';
import { idempotency_key } from './schemas.ts';

/** The largest body that the API reads. */
export const body_bytes_max = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON value of a body; an empty body is `{}`. Throws `payload_too_large`, or
 * `validation_failed` if the body is not JSON.
 */
export function readBody(body: string | undefined, is_base64: boolean): unknown {
  if (body === undefined || body === '') return {};
  const bytes = Buffer.from(body, is_base64 ? 'base64' : 'utf8');
  if (bytes.byteLength > body_bytes_max) {
    throw new Problem(
      'payload_too_large',
      `A body may have at most ${body_bytes_max} bytes: send less, or several requests.`,
    );
  }
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw validationFailed({ path: 'body', message: 'must be JSON in UTF-8' });
  }
}

/**
 * The parameters of a raw query string. The parsed one will not do, because the gateway joins
 * repeated parameters by commas. Throws `validation_failed` for a repeated parameter.
 */
export function readQuery(raw_query: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(raw_query)) {
    if (name in query)
      throw validationFailed({ path: `query.${name.slice(0, 100)}`, message: 'must be given once only' });
    query[name] = value;
  }
  return query;
}

/** The caller's Idempotency-Key, or `made` if there is none. Throws `validation_failed`. */
export function readIdempotencyKey(header: string | undefined, made: string): string {
  if (header === undefined) return made;
  const { data, error } = idempotency_key.safeParse(header);
  if (data !== undefined) return data;
  throw validationFailed(...error.issues.map(({ message }) => ({ path: 'header.Idempotency-Key', message })));
}
