import type { RefusalMembers } from '../domain/errors.ts';
import * as z from '../zod.ts';
import { credits } from './schemas.ts';

interface DeclaredProblem<Members = Readonly<Record<string, z.core.$ZodType>>> {
  readonly status: number;
  readonly title: string;
  /** What its body says beyond RFC 9457. */
  readonly members?: Members;
  /** After so long the same request may be sent again. */
  readonly retry_after_s?: number;
}

/** A problem with a refusal's code can tell only members that the refusal has. */
type RefusalProblems = {
  readonly [Code in keyof RefusalMembers]?: DeclaredProblem<{
    readonly [Name in keyof RefusalMembers[Code]]?: z.core.$ZodType<RefusalMembers[Code][Name]>;
  }>;
};

const field_error = z.strictObject({ path: z.string(), message: z.string() });

/** Every problem that the API answers, by its stable code. */
export const problems = {
  validation_failed: { status: 400, title: 'The request is not valid', members: { errors: z.array(field_error) } },
  invalid_signature: { status: 400, title: 'The Stripe signature is not valid' },
  unauthorized: { status: 401, title: 'A valid token is required' },
  insufficient_credits: {
    status: 402,
    title: 'Not enough credits',
    members: { required: credits, available_credits: credits },
  },
  member_cap_exceeded: {
    status: 402,
    title: "The member's monthly cap is reached",
    members: { required: credits, monthly_credits: credits, used_credits: credits },
  },
  forbidden: { status: 403, title: 'Not allowed' },
  spending_by_users_off: { status: 403, title: "Users' tokens do not spend here" },
  hold_of_another: { status: 403, title: 'Somebody else opened the hold' },
  feature_not_in_plan: {
    status: 403,
    title: 'The plan does not include this feature',
    members: { required_plans: z.array(z.string()) },
  },
  not_found: { status: 404, title: 'Not found' },
  unknown_plan: { status: 404, title: 'There is no such plan' },
  unknown_pack: { status: 404, title: 'There is no such pack' },
  already_subscribed: { status: 409, title: 'The account has a subscription already' },
  no_customer: { status: 409, title: 'The account has not bought anything yet' },
  too_many_holds: { status: 409, title: 'Too many holds are open' },
  hold_closed: { status: 409, title: 'The hold is no longer open' },
  refund_exceeds_charge: {
    status: 409,
    title: 'The refund is more than is left of the charge',
    members: { refundable_credits: credits },
  },
  too_many_lots: { status: 409, title: 'The account has too many granted lots' },
  too_many_overrides: { status: 409, title: 'The account has too many feature overrides' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  plan_not_for_sale: { status: 422, title: 'The plan is not for sale' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  stripe_unavailable: { status: 502, title: 'Stripe did not answer as expected' },
  account_busy: { status: 503, title: 'The account is busy', retry_after_s: 1 },
} as const satisfies RefusalProblems & Record<string, DeclaredProblem<object>>;

export type ProblemCode = keyof typeof problems;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

export const problem_codes = Object.keys(problems).filter(isProblemCode);

/** The members that the code's body has beyond RFC 9457. */
export function membersOf(code: ProblemCode): Readonly<Record<string, z.core.$ZodType>> {
  const { members = {} }: DeclaredProblem = problems[code];
  return members;
}

/** The header that says when to send the request again, for a problem that passes by itself. */
export function retryAfter(code: ProblemCode): Readonly<Record<string, string>> {
  const { retry_after_s }: DeclaredProblem = problems[code];
  return retry_after_s === undefined ? {} : { 'retry-after': String(retry_after_s) };
}

/** The body of an error answer: `application/problem+json`. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly [member: string]: unknown;
}

/** RFC 9457's `type`: names the problem, and is no address. */
export function problemType(code: ProblemCode): string {
  return `urn:billing-credits:problem:${code}`;
}

/**
 * The problem as the API writes it. `members` are extension members, for clients that know the
 * code.
 */
export function toProblemBody(code: ProblemCode, detail: string, members: Record<string, unknown> = {}): ProblemBody {
  const { status, title } = problems[code];
  return { ...members, type: problemType(code), title, status, detail, code };
}
