import { expect, test } from 'vitest';
import { type Hold, holdIdOf, pin, pinnedBy, unpin } from '../../shared/domain/account/hold.ts';
import { lotOf } from './fixtures.ts';

const hold: Hold = {
  id: 'h',
  amount: 30,
  pins: [
    { lot_id: 'lot_1', amount: 10 },
    { lot_id: 'lot_2', amount: 20 },
  ],
  description: '',
  feature: null,
  member: null,
  opened_by: null,
  created_at: 0,
  expires_at: 1,
};
const lots = [lotOf({ id: 'lot_1', held: 5 }), lotOf({ id: 'lot_2' }), lotOf({ id: 'lot_3', held: 7 })];

test('a hold’s id depends on account and key only', () => {
  const id = holdIdOf('u_1', 'k1');
  expect(id).toMatch(/^hold_[A-Za-z0-9_-]{22}$/);
  expect(id).toBe('hold_N7btne29yvyDwaPx94JUtw');
  expect(holdIdOf('u_1', 'k1')).toBe(id);
  const others = [holdIdOf('u_1', 'k2'), holdIdOf('u_2', 'k1'), holdIdOf('u_1k', '1'), holdIdOf('u_', '1k1')];
  expect(new Set([id, ...others]).size).toBe(5);
});

test('the credits pinned by a hold are the sum of its pins', () => {
  expect(pinnedBy(hold)).toBe(30);
  expect(pinnedBy({ ...hold, pins: [] })).toBe(0);
});

test('pins are added beside those of other holds, and taken off again', () => {
  const shares = lots.slice(0, 2).map((lot, place) => ({ lot, amount: place * 10 + 10 }));
  const pinned = pin(lots, shares);
  expect(pinned.map(({ held }) => held)).toEqual([15, 20, 7]);
  expect(unpin(pinned, hold)).toEqual(lots);
});
