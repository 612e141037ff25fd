import * as z from '../../../../shared/zod.ts';

/** The server refused; the message is the problem's detail, for people. */
export class Refused extends Error {}

const problem = z.object({ detail: z.string() });
const token_answer = z.object({ token: z.string() });

interface Call<S extends z.ZodMiniType> {
  answer: S;
  method?: 'GET' | 'POST';
  body?: unknown;
  token?: string;
}

/** Calls this machine's cloud. Throws `Refused`, or what `fetch` throws when it is gone. */
export async function call<S extends z.ZodMiniType>(path: string, given: Call<S>): Promise<z.output<S>> {
  const { answer, body, token } = given;
  const response = await fetch(path, {
    method: given.method ?? (body === undefined ? 'GET' : 'POST'),
    cache: 'no-cache',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  });
  const given_back: unknown = await response.json();
  if (response.ok) return answer.parse(given_back);
  const known = problem.safeParse(given_back);
  throw new Refused(known.success ? known.data.detail : `The local cloud answered ${response.status}.`);
}

/** A token of the local issuer: of a user, or of a service, which may act for every account. */
export async function fetchToken(account_id: string, scope?: string): Promise<string> {
  const body = { account_id, ...(scope !== undefined && { scope }) };
  return (await call('/_local/token', { answer: token_answer, body })).token;
}

/** What went wrong, for people. */
export function messageOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  return error instanceof TypeError ? 'The local cloud does not answer: has it been stopped?' : String(error);
}
