import { expect, test } from 'vitest';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, pro_paid_through, proJourney } from './fixtures.ts';

const balanceOf = ({ account, now }: Journey) => balanceAt(account, catalog, now);

test('available = monthly − used + bonus − held', () => {
  const journey = new Journey('2026-03-01T00:00:00Z');
  journey.grant({ amount: 20 });
  journey.grant({ amount: 500, kind: 'purchase' });
  journey.deduct(30);
  journey.account = {
    ...journey.account,
    lots: journey.account.lots.map((lot) => (lot.kind === 'purchase' ? { ...lot, held: 75 } : lot)),
  };
  expect(balanceOf(journey)).toEqual({
    account_id: 'u_1',
    plan: 'free',
    status: 'active',
    unlimited: false,
    monthly_credits: 100,
    used_credits: 30,
    bonus_credits: 520,
    held_credits: 75,
    available_credits: 515,
    reset_at: instant('2026-04-01T00:00:00Z'),
    lots: journey.account.lots,
  });
});

test('on an unlimited plan only the use and the other lots have numbers', () => {
  const journey = proJourney({ plan: 'ultimate' });
  journey.grant({ amount: 20 });
  journey.deduct(1_234);
  expect(balanceOf(journey)).toMatchObject({
    plan: 'ultimate',
    unlimited: true,
    monthly_credits: null,
    used_credits: 1_234,
    bonus_credits: 20,
    available_credits: null,
  });
});

test('after the renewal grace only the other lots are available', () => {
  const journey = proJourney();
  journey.grant({ amount: 20 });
  journey.deduct(400);
  journey.to('2026-04-20T00:00:00Z').roll();
  expect(balanceOf(journey)).toMatchObject({
    plan: 'pro',
    monthly_credits: 0,
    used_credits: 0,
    bonus_credits: 20,
    available_credits: 20,
    reset_at: pro_paid_through,
  });
});

test('on a plan smaller than what was used, all of it is used and nothing is owed', () => {
  const journey = proJourney({ plan: 'pro_plus' });
  journey.deduct(3_000);
  journey.wait(day_ms);
  journey.snapshot({ plan: 'pro' });
  expect(balanceOf(journey)).toMatchObject({ monthly_credits: 1_000, used_credits: 1_000, available_credits: 0 });
});

test('credits that holds keep of an ended lot are shown as bonus and held', () => {
  const journey = new Journey('2026-03-01T00:30:00Z').to('2026-04-01T00:00:00Z');
  journey.hold(60, 'h');
  journey.wait(1_800_000).deduct(10);
  expect(balanceOf(journey)).toMatchObject({
    monthly_credits: 100,
    used_credits: 10,
    bonus_credits: 60,
    held_credits: 60,
    available_credits: 90,
  });
});

test('on an unlimited plan, holds from the limited plan before are still held', () => {
  const journey = proJourney();
  journey.hold(300, 'h');
  journey.wait(1_000).snapshot({ plan: 'ultimate' });
  expect(balanceOf(journey)).toMatchObject({ used_credits: 300, bonus_credits: 300, held_credits: 300 });
});
