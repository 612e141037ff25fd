import { describe, expect, test } from 'vitest';
import { Problem, validationFailed } from '../../shared/api/problem.ts';
import { isProblemCode, problem_codes, problems, toProblemBody } from '../../shared/api/problems.ts';
import { toProblem } from '../../shared/api/to-problem.ts';
import { refusal } from '../../shared/domain/errors.ts';
import { PlanNotConfigured } from '../../shared/domain/plan.ts';
import { AccountBusy, LedgerInconsistent } from '../../shared/store/errors.ts';
import { StripeUnavailable } from '../../shared/stripe/stripe-unavailable.ts';

describe('an error becomes a problem', () => {
  test.each([
    [
      refusal('insufficient_credits', { required: 5, available_credits: 3 }),
      { code: 'insufficient_credits', members: { required: 5, available_credits: 3 } },
    ],
    [
      refusal('member_cap_exceeded', { required: 5, monthly_credits: 20, used_credits: 18 }),
      { code: 'member_cap_exceeded', members: { required: 5, monthly_credits: 20, used_credits: 18 } },
    ],
    [
      refusal('refund_exceeds_charge', { refundable_credits: 7 }),
      { code: 'refund_exceeds_charge', members: { refundable_credits: 7 } },
    ],
    [refusal('too_many_holds', { holds_max: 100 }), { code: 'too_many_holds', members: {} }],
    [refusal('too_many_lots', { granted_lots_max: 100 }), { code: 'too_many_lots', members: {} }],
    [refusal('too_many_overrides', { overrides_max: 100 }), { code: 'too_many_overrides', members: {} }],
    [refusal('hold_closed', { hold_id: 'hold_1' }), { code: 'hold_closed', members: {} }],
    [refusal('hold_not_found', {}), { code: 'not_found', members: {} }],
    [refusal('entry_not_found', {}), { code: 'not_found', members: {} }],
    [
      refusal('credits_out_of_range', { most: 7 }),
      { code: 'validation_failed', members: { errors: [{ path: 'body.amount' }] } },
    ],
    [refusal('expiry_in_past', {}), { code: 'validation_failed', members: { errors: [{ path: 'body.expires_at' }] } }],
    [refusal('idempotency_key_reused', {}), { code: 'idempotency_key_reused', members: {} }],
    [new AccountBusy({ cause: new Error('inside') }), { code: 'account_busy', members: {} }],
    [new StripeUnavailable({ cause: new Error('inside') }), { code: 'stripe_unavailable', members: {} }],
  ])('%s keeps its code and what the caller needs', (error, problem) => {
    expect(toProblem(error)).toMatchObject(problem);
  });

  test('that is a problem already stays as it is', () => {
    const problem = validationFailed({ path: 'body.amount', message: 'is required' });
    expect(toProblem(problem)).toBe(problem);
  });

  test.each([
    new Error('inside'),
    new LedgerInconsistent('u_1', 'use:1'),
    new PlanNotConfigured('inside'),
    refusal('stale_snapshot', {}),
    refusal('customer_mismatch', {}),
    'inside',
    undefined,
  ])('%s is internal and tells nothing', (error) => {
    const { code, message, members } = toProblem(error);
    expect({ code, members }).toEqual({ code: 'internal_error', members: {} });
    expect(message).not.toMatch(/inside|u_1|snapshot|customer/i);
  });

  test('has a code of the table, not one that only an object’s prototype knows', () => {
    expect(['insufficient_credits', 'constructor'].filter(isProblemCode)).toEqual(['insufficient_credits']);
  });
});

describe('the body of a problem', () => {
  test.each(problem_codes)('%s has what RFC 9457 wants, and its members cannot overwrite that', (code) => {
    expect(toProblemBody(code, 'why', { status: 200, code: 'x', more: 1 })).toEqual({
      type: `urn:billing-credits:problem:${code}`,
      title: problems[code].title,
      status: problems[code].status,
      detail: 'why',
      code,
      more: 1,
    });
  });

  test('names the fields that are wrong', () => {
    const problem = validationFailed({ path: 'body.a', message: 'is required' }, { path: 'body.b', message: 'is odd' });
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({
      message: 'body.a is required; body.b is odd',
      members: {
        errors: [
          { path: 'body.a', message: 'is required' },
          { path: 'body.b', message: 'is odd' },
        ],
      },
    });
  });
});
