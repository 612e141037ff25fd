import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../shared/api/fingerprint.ts';
import { routes } from '../../shared/api/routes.ts';

const { deduct, record_usage } = routes;
const of = (body: unknown) => fingerprintOf(deduct, {}, body);

describe('the fingerprint of a request', () => {
  test('does not depend on the order of its fields', () => {
    expect(of({ amount: 1, description: 'x' })).toBe(of({ description: 'x', amount: 1 }));
  });

  test('does not depend on whether defaults are spelt out', () => {
    const parsed = (body: unknown) => fingerprintOf(record_usage, {}, record_usage.body.parse(body));
    expect(parsed({ feature: 'ads' })).toBe(parsed({ count: 1, feature: 'ads' }));
  });

  test('differs for another body, route or path', () => {
    const body = { amount: 1, description: 'x' };
    const all = [
      of(body),
      of({ ...body, amount: 2 }),
      of({ ...body, feature: 'ads' }),
      fingerprintOf(record_usage, {}, body),
      fingerprintOf(deduct, { hold_id: '1' }, body),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('is 43 characters of base64url for every body that a route accepts', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => /^[^\p{Cc}\p{Cs}]+$/u.test(value));
    fc.assert(
      fc.property(fc.integer({ min: 1 }), text, (amount, description) => {
        expect(of(deduct.body.parse({ amount, description }))).toMatch(/^[\w-]{43}$/);
      }),
    );
  });
});
