import type { HttpAnswer } from './http-server.ts';

/** Titles of the problems that the local cloud itself answers. */
const titles = {
  bad_request: 'The request is not valid',
  validation_failed: 'The request is not valid',
  unauthorized: 'A valid token is required',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  payload_too_large: 'The request is too large',
  internal_error: 'Something went wrong on our side',
  service_unavailable: 'The service did not answer',
} as const;

export type Problem = {
  status: number;
  detail: string;
  headers?: Record<string, string>;
  /** Extension members. */
  members?: Record<string, unknown>;
} & ({ code: keyof typeof titles } | { code: string; title: string });

/** An `application/problem+json` answer (RFC 9457). */
export function toAnswer(problem: Problem): HttpAnswer {
  const { status, code, detail, headers = {}, members = {} } = problem;
  const title = 'title' in problem ? problem.title : titles[problem.code];
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, code, ...members }),
  };
}

/** The local cloud refuses a request with this problem. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'Refused';
    this.problem = problem;
  }
}

/** An `application/json` answer. */
export function jsonAnswer(value: unknown, status = 200): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
