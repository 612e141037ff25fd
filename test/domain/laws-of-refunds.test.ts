import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usedInMonth } from '../../shared/domain/account/member.ts';
import { burnOrder } from '../../shared/domain/ledger/lot.ts';
import type { Journey } from './fixtures.ts';
import { always, beginnings, catalogs, chargedBy, happenings, lived, runs, timeOf } from './histories.ts';

/** All of an account that spending changes; a lot that comes back stands last. */
function standing({ account, now }: Journey) {
  const { lots, holds, period, rows } = account;
  const used = rows.members.map((member) => `${member.member}: ${usedInMonth(member, now)}`);
  return {
    lots: lots.toSorted(burnOrder),
    holds,
    uncharged_use: period.uncharged_use,
    // A row that says that nothing was used is as none.
    used: used.filter((line) => !line.endsWith(': 0')).toSorted(byCodeUnit),
  };
}

const members = fc.constantFrom(undefined, 'anna');

/** An account after any life, and how it got there a second time. */
const lives = fc
  .record({ by: catalogs, beginning: beginnings, happened: happenings })
  .map(({ by, beginning, happened }) => {
    return (): Journey => {
      const journey = lived(beginning, happened, by).roll();
      journey.now = timeOf(journey);
      return journey;
    };
  });

describe('refunds', () => {
  test('of one entry never exceed its charge in total, and only charges are refunded', () => {
    always(({ entries, account }) => {
      const refunded = new Map<string, number>();
      for (const entry of entries.filter(({ transaction_type }) => transaction_type === 'refund')) {
        const { refunds = '' } = entry;
        const credits = entry.covered_credits ?? entry.amount;
        expect(credits).toBeGreaterThan(0);
        refunded.set(refunds, (refunded.get(refunds) ?? 0) + credits);
      }
      for (const [entry_id, credits] of refunded) {
        const charge = entries.find((entry) => entry.entry_id === entry_id);
        expect(charge?.transaction_type).toBe('usage');
        expect(credits).toBeLessThanOrEqual(charge === undefined ? 0 : chargedBy(charge));
        expect(account.rows.refunded).toContainEqual({ entry_id, refunded_credits: credits });
      }
    });
  });

  test('right after a deduction leave the account as if only the rest had been spent', () => {
    fc.assert(
      fc.property(lives, members, fc.nat(), fc.nat(), (life, member, spent, kept) => {
        const journey = life();
        const amount = 1 + (spent % 1_200);
        const rest = kept % amount;
        if (journey.deduct(amount, 'use:k', { member }) !== null) return;
        expect(journey.refund('use:k', amount - rest)).toBeNull();
        const other = life();
        if (rest > 0) expect(other.deduct(rest, 'use:k', { member })).toBeNull();
        expect(standing(journey)).toEqual(standing(other));
      }),
      runs,
    );
  });

  test('in parts give the same as one refund of the sum', () => {
    fc.assert(
      fc.property(lives, fc.nat(), fc.nat(), fc.nat(), (life, spent, first, second) => {
        const [parted, whole] = [life(), life()];
        const amount = 2 + (spent % 1_200);
        if (parted.deduct(amount, 'use:k') !== null) return;
        whole.deduct(amount, 'use:k');
        const part = 1 + (first % (amount - 1));
        const more = 1 + (second % (amount - part));
        parted.refund('use:k', part);
        parted.refund('use:k', more);
        whole.refund('use:k', part + more);
        expect(standing(parted)).toEqual(standing(whole));
      }),
      runs,
    );
  });

  test('right after a settlement leave the account as if it had been settled for less', () => {
    fc.assert(
      fc.property(lives, fc.nat(), fc.nat(), fc.nat(), (life, hold, settled, kept) => {
        const [journey, other] = [life(), life()];
        const held = 1 + (hold % 900);
        const amount = 1 + (settled % (2 * held));
        const rest = kept % amount;
        if (journey.hold(held, 'h') !== null) return;
        other.hold(held, 'h');
        if (journey.settle('h', amount) !== null) return;
        expect(journey.refund('settle:h', amount - rest)).toBeNull();
        expect(other.settle('h', rest)).toBeNull();
        expect(standing(journey)).toEqual(standing(other));
      }),
      runs,
    );
  });
});

function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
