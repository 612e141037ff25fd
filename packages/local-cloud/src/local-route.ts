import type { z } from 'zod';
import type { HttpAnswer } from './http-server.ts';
import { Refused } from './problem.ts';

/** A request under `/_local`, as its route gets it. */
export interface LocalCall {
  /** Of the path. */
  parameters: Record<string, string>;
  query: string;
  body: Buffer;
}

/** A route under `/_local`. A thrown `Refused` becomes that problem. */
export interface LocalRoute {
  /** As API Gateway writes it: `POST /_local/things/{id}`. */
  route_key: string;
  handle: (call: LocalCall) => Promise<HttpAnswer> | HttpAnswer;
}

/** A 400 with the wrong fields. */
export function invalid(errors: { path: string; message: string }[]): Refused {
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new Refused({ status: 400, code: 'validation_failed', detail, members: { errors } });
}

/** The body. It may be absent if everything in it is optional. Throws `Refused`. */
export function readBody<S extends z.ZodType>(schema: S, body: Buffer): z.infer<S> {
  const text = body.toString().trim() || '{}';
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw invalid([{ path: '', message: 'the body is not JSON' }]);
  }
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw invalid(error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })));
}
