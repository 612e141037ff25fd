import { describe, expect, test } from 'vitest';
import { Problem, validationFailed } from '../../shared/api/problem.ts';
import { problem_codes, problems, toProblemBody } from '../../shared/api/problems.ts';
import { toProblem } from '../../shared/api/to-problem.ts';
import { StaleSnapshot } from '../../shared/domain/billing/decide-subscription.ts';
import {
  CreditsOutOfRange,
  DomainError,
  EntryNotFound,
  ExpiryInPast,
  HoldClosed,
  HoldNotFound,
  InsufficientCredits,
  MemberCapExceeded,
  RefundExceedsCharge,
  TooManyHolds,
  TooManyLots,
  TooManyOverrides,
} from '../../shared/domain/errors.ts';
import { PlanNotConfigured } from '../../shared/domain/plan.ts';
import { AccountBusy, IdempotencyKeyReused, LedgerInconsistent } from '../../shared/store/errors.ts';

describe('an error becomes a problem', () => {
  test.each([
    [new InsufficientCredits(5, 3), { code: 'insufficient_credits', members: { required: 5, available_credits: 3 } }],
    [
      new MemberCapExceeded(5, 20, 18),
      { code: 'member_cap_exceeded', members: { required: 5, monthly_credits: 20, used_credits: 18 } },
    ],
    [new RefundExceedsCharge(7), { code: 'refund_exceeds_charge', members: { refundable_credits: 7 } }],
    [new TooManyHolds(100), { code: 'too_many_holds', members: {} }],
    [new TooManyLots(100), { code: 'too_many_lots', members: {} }],
    [new TooManyOverrides(100), { code: 'too_many_overrides', members: {} }],
    [new HoldClosed('hold_1'), { code: 'hold_closed', members: {} }],
    [new HoldNotFound(), { code: 'not_found', members: {} }],
    [new EntryNotFound(), { code: 'not_found', members: {} }],
    [new CreditsOutOfRange(7), { code: 'validation_failed', members: { errors: [{ path: 'body.amount' }] } }],
    [new ExpiryInPast(), { code: 'validation_failed', members: { errors: [{ path: 'body.expires_at' }] } }],
    [new IdempotencyKeyReused(), { code: 'idempotency_key_reused', members: {} }],
    [new AccountBusy({ cause: new Error('inside') }), { code: 'account_busy', headers: { 'retry-after': '1' } }],
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
    new StaleSnapshot(),
    'inside',
    undefined,
  ])('%s is internal and tells nothing', (error) => {
    const { code, message, members } = toProblem(error);
    expect({ code, members }).toEqual({ code: 'internal_error', members: {} });
    expect(message).not.toMatch(/inside|u_1|snapshot/i);
  });

  test('whose code only an object’s prototype knows is internal', () => {
    class Odd extends DomainError {
      readonly code = 'constructor';
    }
    expect(toProblem(new Odd('x')).code).toBe('internal_error');
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
