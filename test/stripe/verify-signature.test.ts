import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { isSignedByStripe, signingSecrets } from '../../shared/stripe/verify-signature.ts';

const body = '{"id":"evt_1","note":"ünïcödé"}';
const signed_at = Date.parse('2026-11-23T10:00:00Z');
const [old_secret, new_secret] = ['whsec_old', 'whsec_new'];

const sign = (payload: string, secret: string) =>
  Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp: signed_at / 1_000 });

describe('the webhook’s signature', () => {
  test('is valid over text and over bytes', async () => {
    const signature = await sign(body, new_secret);
    expect(await isSignedByStripe({ body, signature }, [new_secret], signed_at)).toBe(true);
    expect(await isSignedByStripe({ body: Buffer.from(body), signature }, [new_secret], signed_at)).toBe(true);
  });

  test.each([
    [300, true],
    [301, false],
    [-60, true],
  ])('of %d s ago is valid: %s', async (age_s, good) => {
    const signature = await sign(body, new_secret);
    expect(await isSignedByStripe({ body, signature }, [new_secret], signed_at + age_s * 1_000)).toBe(good);
  });

  test('over a body with a byte order mark put in front is not valid', async () => {
    const signature = await sign(body, new_secret);
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body)]);
    expect(await isSignedByStripe({ body: marked, signature }, [new_secret], signed_at)).toBe(false);
  });

  test.each(['t=1,v1=', 't=,v1=', 'v1', `t=${signed_at / 1_000},v1=`])('%s is no signature', async (signature) => {
    expect(await isSignedByStripe({ body, signature }, [new_secret], signed_at)).toBe(false);
  });

  test('is valid by either secret while it is replaced, and by the new one only afterwards', async () => {
    const by_old = await sign(body, old_secret);
    const by_both = `${by_old},${(await sign(body, new_secret)).split(',')[1]}`;
    const check = (signature: string, secrets: string[]) => isSignedByStripe({ body, signature }, secrets, signed_at);
    expect(await check(by_old, [old_secret, new_secret])).toBe(true);
    expect(await check(by_old, [new_secret, old_secret])).toBe(true);
    expect(await check(by_both, [new_secret])).toBe(true);
    expect(await check(by_old, [new_secret])).toBe(false);
  });

  test.each([
    ['changed body', `${body} `, undefined],
    ['truncated body', body.slice(0, -1), undefined],
    ['empty body', '', undefined],
    ['empty header', body, ''],
    ['header without a time', body, 'v1=00'],
    ['header without a signature', body, `t=${signed_at / 1_000}`],
    ['header that is noise', body, '{"a":1}'],
    ['another scheme', body, `t=${signed_at / 1_000},v0=00`],
  ])('with a %s is not valid', async (_, sent, signature) => {
    const header = signature ?? (await sign(body, new_secret));
    expect(await isSignedByStripe({ body: sent, signature: header }, [new_secret], signed_at)).toBe(false);
  });

  test('without a header or without a secret is never valid', async () => {
    const signature = await sign(body, new_secret);
    expect(await isSignedByStripe({ body, signature: undefined }, [new_secret], signed_at)).toBe(false);
    expect(await isSignedByStripe({ body, signature }, [], signed_at)).toBe(false);
    expect(await isSignedByStripe({ body, signature: await sign(body, ' ') }, [' '], signed_at)).toBe(false);
  });
});

test('several signing secrets fit into one string', () => {
  expect(signingSecrets(' whsec_a, whsec_b ,')).toEqual(['whsec_a', 'whsec_b']);
  expect(signingSecrets('')).toEqual([]);
});
