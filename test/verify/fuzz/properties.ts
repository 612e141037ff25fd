import * as z from 'zod';
import { findCanaries } from './canary.ts';
import type { Met } from './document.ts';
import { mismatchOf } from './mismatch.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

/** An answer with all that is known of how it came about. */
export interface Exchange {
  readonly request: WireRequest;
  readonly answer: WireAnswer;
  /** The operation of the document that was met, if any. */
  readonly met: Met | undefined;
  /** What the functions have written meanwhile. */
  readonly log: string;
  /** What must not be seen: the token that was sent, keys of Stripe. */
  readonly secrets: readonly string[];
  /** What is in a text of the data of accounts that the request is not about. */
  readonly foreignIn: (text: string) => readonly string[];
}

/** What holds of every answer: why it does not, or null. */
type Property = (exchange: Exchange) => string | null;

/** What a server of HTTP or a gateway answers where there is no operation. */
const answers_without_operation = new Set([204, 400, 403, 404, 405, 413, 414, 431]);

const neverA5xx: Property = ({ answer }) => (answer.status >= 500 ? `the status is ${answer.status}` : null);

const documentedStatus: Property = ({ answer, met }) => {
  if (met === undefined) {
    return answers_without_operation.has(answer.status) ? null : `${answer.status} where there is no operation`;
  }
  return met.operation.answers.has(answer.status) ? null : `${met.operation.id} does not document ${answer.status}`;
};

const documentedBody: Property = ({ answer, met }) => {
  const forms = met?.operation.answers.get(answer.status);
  if (met === undefined || forms === undefined) return null;
  const type = mediaTypeOf(answer);
  const form = forms.get(type);
  if (form === undefined) return `${met.operation.id} documents no ${type} for ${answer.status}`;
  const mismatch = mismatchOf(form, parsed(answer.text));
  return mismatch === null ? null : `${met.operation.id} ${answer.status}: ${mismatch}`;
};

/** Stripe's signature alone decides what is taken of Stripe. */
const decided_by_signature = 'stripe_webhook';

const refusesWhatIsNotDocumented: Property = ({ request, answer, met }) => {
  if (met === undefined || answer.status >= 300 || met.operation.id === decided_by_signature) return null;
  const body = request.body.length === 0 ? {} : parsedBytes(request.body);
  const mismatch = met.operation.body === null ? null : mismatchOf(met.operation.body, body);
  return mismatch === null ? null : `${met.operation.id} takes a body of which the document says that ${mismatch}`;
};

const problem_schema = z.looseObject({ status: z.int(), code: z.string(), detail: z.string() });
const field_path = /^(?:path|query|body|header)(?:\.|$)/;
const errors_schema = z.array(z.object({ path: z.string().regex(field_path), message: z.string().min(1) })).min(1);

const problemNamesItself: Property = ({ answer, met }) => {
  if (answer.status < 400 || met === undefined) return null;
  if (mediaTypeOf(answer) !== 'application/problem+json') return `a problem that is ${mediaTypeOf(answer)}`;
  const { data } = problem_schema.safeParse(parsed(answer.text));
  if (data === undefined) return 'a problem without status, code or detail';
  if (data.status !== answer.status) return `the problem says ${data.status}, the answer ${answer.status}`;
  if (data.code !== 'validation_failed') return null;
  return errors_schema.safeParse(data.errors).success ? null : 'a 400 that names no field';
};

const noLeak: Property = ({ answer, foreignIn }) => {
  const leaked = foreignIn(textOf(answer));
  return leaked.length > 0 ? `the answer has ${leaked.join(', ')}` : null;
};

const noSecret: Property = ({ answer, secrets }) => {
  const said = textOf(answer);
  return secrets.some((secret) => said.includes(secret)) ? 'the answer has a secret' : null;
};

const quietLog: Property = ({ log, secrets }) => {
  if (secrets.some((secret) => log.includes(secret))) return 'the log has a secret';
  const written = findCanaries(log).find(({ what }) => what !== 'account');
  return written === undefined ? null : `the log has ${written.canary}`;
};

export const properties = {
  'never a 5xx': neverA5xx,
  'a documented status': documentedStatus,
  'a documented body': documentedBody,
  'no success of a body that is not documented': refusesWhatIsNotDocumented,
  'a problem that names itself': problemNamesItself,
  'nothing of another account': noLeak,
  'no secret in the answer': noSecret,
  'no secret in the log': quietLog,
} as const satisfies Record<string, Property>;

export type PropertyName = keyof typeof properties | 'a ledger that verifies';

function mediaTypeOf({ headers }: WireAnswer): string {
  return headers['content-type']?.split(';')[0] ?? 'nothing';
}

function textOf({ headers, text }: WireAnswer): string {
  return `${JSON.stringify(headers)}\n${text}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for what is no JSON in UTF-8. */
function parsedBytes(bytes: Buffer): unknown {
  try {
    return parsed(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
