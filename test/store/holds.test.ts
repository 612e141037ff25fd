import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { refusal } from '../../shared/domain/errors.ts';
import { availableIn, balanceOf } from '../../shared/domain/ledger/lot.ts';
import type { Command, Outcome } from '../../shared/store/accounts.ts';
import type { Database } from '../../shared/store/database.ts';
import { describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import { deductCommand, grantCommand, holdCommand, releaseCommand, rollCommand, settleCommand } from './commands.ts';
import { answersOf, newProcesses } from './processes.ts';
import { scheduledAccounts } from './scheduled-database.ts';
import { type Stored, soundAccount } from './sound.ts';

const hour_ms = 3_600_000;
const minute_ms = 60_000;

describeOnEngines('holds', (database) => {
  test.each([
    ['in one process', 1],
    ['in eight processes', 8],
  ])(
    '20 concurrent holds of 75 on 500 credits %s: 6 are open, 450 are held, and all 6 can end at once',
    async (_, n) => {
      const account_id = freshAccountId();
      const processOf = newProcesses(database, n);
      await processOf(0).transact(account_id, grantCommand('g', 400));
      const opened = answersOf(
        await Promise.allSettled(
          Array.from({ length: 20 }, (_unused, request) =>
            processOf(request).transact(account_id, holdCommand(`h${request}`, 75)),
          ),
        ),
      );
      expect(opened.values).toHaveLength(6);
      for (const reason of opened.reasons)
        expect(reason).toEqual(refusal('insufficient_credits', { required: 75, available_credits: 50 }));
      const { account } = await soundAccount(database, account_id);
      expect([account.holds.length, balanceOf(account.lots), availableIn(account.lots)]).toEqual([6, 500, 50]);

      const ended = answersOf(
        await Promise.allSettled(
          account.holds.map(({ id }, place) =>
            processOf(place).transact(account_id, place % 2 === 0 ? settleCommand(id, 70) : releaseCommand(id)),
          ),
        ),
      );
      expect(ended.reasons).toEqual([]);
      const after = await soundAccount(database, account_id);
      expect([after.account.holds.length, availableIn(after.account.lots)]).toEqual([0, 500 - 3 * 70]);
    },
  );

  test('one key 20 times in parallel opens one hold; another body is refused', async () => {
    const account_id = freshAccountId();
    const processOf = newProcesses(database, 4);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, request) => processOf(request).transact(account_id, holdCommand('h', 60))),
    );
    expect(new Set(outcomes.map(({ entry }) => entry?.hash)).size).toBe(1);
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await expect(processOf(0).transact(account_id, holdCommand('h', 61))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    const { account } = await soundAccount(database, account_id);
    expect(availableIn(account.lots)).toBe(40);
  });

  test('a retry after the hold has ended gets the first answer and opens none', async () => {
    const account_id = freshAccountId();
    const first = await newAccounts(database).transact(account_id, holdCommand('h', 60));
    await newAccounts(database).transact(account_id, releaseCommand('h'));
    expect(await newAccounts(database).transact(account_id, holdCommand('h', 60))).toMatchObject({
      replayed: true,
      entry: first.entry,
    });
    expect((await soundAccount(database, account_id)).account.holds).toEqual([]);
  });

  test('releasing an expired hold succeeds, even if the sweep was faster', async () => {
    const account_id = freshAccountId();
    await newAccounts(database).transact(account_id, holdCommand('a', 30));
    await newAccounts(database).transact(account_id, holdCommand('b', 30, { expires_in_s: 7_200 }));
    const late = newAccounts(database, { clock: () => test_now + hour_ms });
    expect(await late.transact(account_id, releaseCommand('a'))).toMatchObject({
      replayed: false,
      entry: { entry_id: 'release:a', actor: 'system', created_at: test_now + hour_ms },
    });
    const later = newAccounts(database, { clock: () => test_now + 2 * hour_ms });
    await later.transact(account_id, rollCommand());
    expect(await later.transact(account_id, releaseCommand('b'))).toMatchObject({
      replayed: true,
      entry: { entry_id: 'release:b', actor: 'system', created_at: test_now + 2 * hour_ms },
    });
    await expect(later.transact(account_id, settleCommand('b', 0))).rejects.toMatchObject({ code: 'hold_closed' });
    await soundAccount(database, account_id);
  });

  test('a hold that never existed is not found', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await expect(accounts.transact(account_id, settleCommand('none', 1))).rejects.toMatchObject({
      code: 'hold_not_found',
    });
    await expect(accounts.transact(account_id, releaseCommand('none'))).rejects.toMatchObject({
      code: 'hold_not_found',
    });
  });

  test('a refused settlement keeps the hold open, and succeeds with the same body once there are credits', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await accounts.transact(account_id, holdCommand('h', 80));
    await expect(accounts.transact(account_id, settleCommand('h', 130))).rejects.toEqual(
      refusal('insufficient_credits', { required: 50, available_credits: 20 }),
    );
    expect((await soundAccount(database, account_id)).account.holds).toHaveLength(1);
    await accounts.transact(account_id, grantCommand('g', 40));
    expect(await accounts.transact(account_id, settleCommand('h', 130))).toMatchObject({
      entry: { amount: -130, balance_after: 10 },
    });
    await soundAccount(database, account_id);
  });

  test('a retry on a slower clock cannot settle a hold that was refused as expired', async () => {
    const account_id = freshAccountId();
    const early = newAccounts(database);
    await early.transact(account_id, holdCommand('h', 80));
    const late = newAccounts(database, { clock: () => test_now + hour_ms });
    await expect(late.transact(account_id, settleCommand('h', 50))).rejects.toMatchObject({ code: 'hold_closed' });
    await expect(early.transact(account_id, settleCommand('h', 50))).rejects.toMatchObject({ code: 'hold_closed' });
    expect((await soundAccount(database, account_id)).entries.at(-1)).toMatchObject({ entry_id: 'release:h' });
  });

  test('settle, release and expiry in 100 random interleavings by processes whose clocks differ end once', async () => {
    const hold = fc.constantFrom('a', 'b');
    const request = fc.oneof(
      fc.record({ what: fc.constant('settle' as const), hold, amount: fc.constantFrom(0, 40, 90) }),
      fc.record({ what: fc.constant('release' as const), hold, amount: fc.constant(0) }),
      fc.record({ what: fc.constantFrom('roll' as const, 'deduct' as const), hold, amount: fc.constant(10) }),
    );
    const requests = fc.array(fc.record({ request, clock: fc.constantFrom(-5, 0, 5) }), { minLength: 4, maxLength: 7 });
    const run = async (scheduler: fc.Scheduler, sent: readonly Sent[]) => {
      const account_id = freshAccountId();
      await openTwoHolds(database, account_id);
      const each = new Map(
        [-5, 0, 5].map((minutes) => [
          minutes,
          scheduledAccounts(scheduler, database, () => test_now + hour_ms + minutes * minute_ms),
        ]),
      );
      const answers = sent.map(async (one): Promise<Outcome | undefined> => {
        await scheduler.schedule(Promise.resolve());
        return each.get(one.clock)?.transact(account_id, commandOf(one));
      });
      const settled = await scheduler.waitFor(Promise.allSettled(answers));
      const stored = await soundAccount(database, account_id);
      sent.forEach((one, place) => {
        const answer = settled[place];
        if (answer !== undefined) expectConsistent(one, answer, stored);
      });
    };
    // The engines share the hundred.
    const numRuns = Math.ceil(100 / inject('engines').length);
    await fc.assert(fc.asyncProperty(fc.scheduler(), requests, run), { numRuns });
  });
});

interface Sent {
  readonly request: {
    readonly what: 'settle' | 'release' | 'roll' | 'deduct';
    readonly hold: string;
    readonly amount: number;
  };
  /** Minutes from the moment at which the holds expire. */
  readonly clock: number;
}

/**
 * One over a lot that expires under it, one from the monthly lot; both expire in an hour. 75 of 200
 * credits are free.
 */
async function openTwoHolds(database: Database, account_id: string): Promise<void> {
  const opened = await newAccounts(database).transactAll(account_id, [
    grantCommand('g', 100, { expires_at: test_now + hour_ms - minute_ms, priority: 1 }),
    holdCommand('a', 75),
    holdCommand('b', 50),
  ]);
  expect(answersOf(opened).reasons).toEqual([]);
}

function commandOf({ request: { what, hold, amount } }: Sent): Command {
  if (what === 'settle') return settleCommand(hold, amount, 'charge_available');
  if (what === 'release') return releaseCommand(hold);
  return what === 'roll' ? rollCommand() : deductCommand(`${hold}${what}`, amount);
}

/** What a caller was told is what the ledger says became of the hold. */
function expectConsistent({ request }: Sent, answer: PromiseSettledResult<Outcome | undefined>, stored: Stored): void {
  const { what, hold, amount } = request;
  const entryOf = (entry_id: string) => stored.entries.find((entry) => entry.entry_id === entry_id);
  const [settled, released] = [entryOf(`settle:${hold}`), entryOf(`release:${hold}`)];
  const value = answer.status === 'fulfilled' ? answer.value?.entry : answer.reason;
  if (what === 'settle') {
    const is_it = settled?.fingerprint === `${amount} charge_available`;
    expect(value).toEqual(is_it ? settled : refusal('hold_closed', { hold_id: hold }));
  } else if (what === 'release') {
    expect(value).toEqual(released ?? refusal('hold_closed', { hold_id: hold }));
  } else {
    expect(answer.status).toBe('fulfilled');
  }
}
