import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import { refusal } from '../../shared/domain/errors.ts';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import type { Command } from '../../shared/store/accounts.ts';
import { toEntryItem } from '../../shared/store/entry-item.ts';
import { AccountBusy } from '../../shared/store/errors.ts';
import { describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import {
  capCommand,
  deductCommand,
  grantCommand,
  holdCommand,
  refundCommand,
  releaseCommand,
  rollCommand,
  settleCommand,
} from './commands.ts';
import { cancelled, type Fault, faultyDatabase, named } from './faulty-database.ts';
import { patientAccounts } from './patient-accounts.ts';
import { answersOf } from './processes.ts';
import { ledgerOf, soundAccount, storedAccount } from './sound.ts';

const next_month = Date.parse('2026-12-24T00:00:00.000Z');

/**
 * Every command that reads or writes more than the account and its entry, and the key of its entry.
 */
const commands: readonly (readonly [string, Command])[] = [
  ['a charge of a member', deductCommand('new', 10, 'images', 'ann')],
  ['a hold of a member', holdCommand('new', 10, { member: 'ann' })],
  ['a settlement', settleCommand('a', 35)],
  ['a release', releaseCommand('a')],
  ['a refund', refundCommand('r', 'use:k', 15)],
  ['a refund of all', refundCommand('r', 'use:k')],
  ['a grant', grantCommand('new', 10)],
];

const failing = (when: (call: number, name: string) => boolean, error: () => Error) => (call: number, name: string) =>
  when(call, name) ? { before: error() } : null;

describeOnEngines('with rows beside the account,', (database) => {
  /** An account that counts its members' spending, with a charge of ann's and two of her holds. */
  async function busyAccount(): Promise<string> {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await accounts.transact(account_id, capCommand('ann', 80));
    const { reasons } = answersOf(
      await accounts.transactAll(account_id, [
        deductCommand('k', 20, 'images', 'ann'),
        holdCommand('a', 30, { member: 'ann' }),
        holdCommand('b', 10, { member: 'ann', feature: 'images' }),
      ]),
    );
    expect(reasons).toEqual([]);
    return account_id;
  }

  describe.each(commands)('%s', (_, command) => {
    const entry_id = command.entry_id ?? '';

    test.each([
      ['throttled', () => named('ThrottlingException')],
      ['not answered', () => named('TimeoutError')],
      ['answered by a server error', () => named('InternalServerError')],
    ])('is %s a few times on each call: it is committed once', async (_unused, error) => {
      const account_id = await busyAccount();
      // Two in three of the first nine, the reads of rows beside the account among them.
      const { accounts } = patientAccounts(
        database,
        failing((call) => call < 9 && call % 3 !== 2, error),
      );
      expect(await accounts.transact(account_id, command)).toMatchObject({ replayed: false, entry: { entry_id } });
      await soundAccount(database, account_id);
    });

    test('meets other transactions on every row in turn: it is committed once', async () => {
      const account_id = await busyAccount();
      const places = [0, 1, 2, 3];
      const conflictAt = (at: number) =>
        cancelled(...places.map((place) => (place === at ? 'TransactionConflict' : 'None')));
      let place = -1;
      const { accounts } = patientAccounts(database, (_call, name) => {
        if (name !== 'TransactWrite' || place === places.length - 1) return null;
        place += 1;
        return { before: conflictAt(place) };
      });
      expect(await accounts.transact(account_id, command)).toMatchObject({ replayed: false, entry: { entry_id } });
      await soundAccount(database, account_id);
    });

    test('takes effect though the answer is lost: it gets the answer from its entry', async () => {
      const account_id = await busyAccount();
      let lost = false;
      const { accounts } = patientAccounts(database, (_call, name): Fault => {
        if (name !== 'TransactWrite' || lost) return null;
        lost = true;
        return { after: named('TimeoutError') };
      });
      const { entry } = await accounts.transact(account_id, command);
      const { entries } = await soundAccount(database, account_id);
      expect(entries.filter((one) => one.entry_id === entry_id)).toEqual([entry]);
    });

    test('fails past the deadline: it is AccountBusy, and the same request finds out', async () => {
      const account_id = await busyAccount();
      const { accounts } = patientAccounts(
        database,
        failing(
          (call) => call > 0,
          () => named('ThrottlingException'),
        ),
      );
      await expect(accounts.transact(account_id, command)).rejects.toThrow(AccountBusy);
      expect((await ledgerOf(database, account_id)).some((one) => one.entry_id === entry_id)).toBe(false);
      expect(await newAccounts(database).transact(account_id, command)).toMatchObject({ replayed: false });
      await soundAccount(database, account_id);
    });

    test('loses its process after any of its calls: nothing is half done, and the retry converges', async () => {
      const death = new Error('killed');
      /** Whether it has died: with its n-th call, which takes effect. */
      const diesAfter = async (account_id: string, nth: number): Promise<boolean> => {
        const { accounts } = patientAccounts(database, (call): Fault => {
          if (call < nth) return null;
          return call === nth ? { after: death } : { before: death };
        });
        const [attempt] = await Promise.allSettled([accounts.transact(account_id, command)]);
        return attempt.status === 'rejected';
      };
      let nth = 0;
      for (let has_died = true; has_died; nth += 1) {
        const account_id = await busyAccount();
        has_died = await diesAfter(account_id, nth);
        await soundAccount(database, account_id);
        await newAccounts(database).transact(account_id, command);
        const { entries } = await soundAccount(database, account_id);
        expect(entries.filter((one) => one.entry_id === entry_id)).toHaveLength(1);
      }
      // A read and a transaction at least, each of which was a last one.
      expect(nth).toBeGreaterThan(2);
    });
  });

  describe('faults of one command among several', () => {
    test('a failing ledger look-up answers the refused command alone', async () => {
      const account_id = await busyAccount();
      const { accounts, calls } = patientAccounts(
        database,
        failing(
          (call, name) => name === 'Get' && call > 0,
          () => named('ThrottlingException'),
        ),
      );
      const [first, much, last] = await accounts.transactAll(account_id, [
        deductCommand('first', 5),
        deductCommand('much', 500),
        deductCommand('last', 5),
      ]);
      expect(first).toMatchObject({ value: { replayed: false } });
      expect(much).toMatchObject({ reason: expect.any(AccountBusy) });
      expect(last).toMatchObject({ value: { replayed: false } });
      expect(calls).toEqual(['Get', 'TransactWrite', 'Get']);
      await soundAccount(database, account_id);
    });

    test('a group of several kinds under all kinds of faults: each gets its answer, all rows agree', async () => {
      const account_id = await busyAccount();
      const faults: Fault[] = [
        { before: cancelled('TransactionConflict', 'None') },
        { after: named('TimeoutError') },
        { before: named('ProvisionedThroughputExceededException') },
        { after: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }) },
      ];
      const { accounts } = patientAccounts(database, (_call, name) =>
        name === 'TransactWrite' ? (faults.shift() ?? null) : null,
      );
      const settled = await Promise.allSettled([
        accounts.transact(account_id, deductCommand('x', 25, 'images', 'ann')),
        accounts.transact(account_id, settleCommand('a', 30)),
        accounts.transact(account_id, refundCommand('r1', 'use:k', 12)),
        accounts.transact(account_id, refundCommand('r2', 'use:k', 12)),
        accounts.transact(account_id, releaseCommand('b')),
        accounts.transact(account_id, deductCommand('y', 1_000)),
      ]);
      const { values, reasons } = answersOf(settled);
      expect(values).toHaveLength(3);
      // Decided in their order: ann has used 20 and holds 40 of 80.
      expect(reasons).toEqual([
        refusal('member_cap_exceeded', { required: 25, monthly_credits: 80, used_credits: 60 }),
        expect.objectContaining({ code: 'refund_exceeds_charge' }),
        expect.objectContaining({ code: 'insufficient_credits' }),
      ]);
      await soundAccount(database, account_id);
    });

    test('an entry booked by another process and a conflict that hides the new version: it is decided again', async () => {
      const account_id = freshAccountId();
      await newAccounts(database).read(account_id);
      const other = newAccounts(database, { clock: () => next_month });
      const faulty = faultyDatabase(database, () => null);
      let is_first = true;
      const send = faulty.client.send.bind(faulty.client);
      const racing = newAccounts(
        {
          tables: faulty.tables,
          client: Object.assign(faulty.client, {
            send: async (...args: Parameters<typeof send>) => {
              if (!is_first || args[0].constructor.name !== 'TransactWriteCommand') return send(...args);
              is_first = false;
              await other.transact(account_id, rollCommand());
              const [, , reset] = await ledgerOf(database, account_id);
              throw new TransactionCanceledException({
                message: 'Transaction cancelled',
                $metadata: {},
                CancellationReasons: [
                  { Code: 'TransactionConflict' },
                  { Code: 'None' },
                  { Code: 'ConditionalCheckFailed', ...(reset && { Item: marshall(toEntryItem(reset)) }) },
                  { Code: 'None' },
                ],
              });
            },
          }),
        },
        { clock: () => next_month },
      );
      expect(await racing.transact(account_id, deductCommand('k', 5))).toMatchObject({ entry: { balance_after: 95 } });
      await soundAccount(database, account_id);
    });

    test('a refusal writes an account with something due, and no other', async () => {
      const account_id = freshAccountId();
      await newAccounts(database).read(account_id);
      await expect(newAccounts(database).transact(account_id, deductCommand('k', 500))).rejects.toMatchObject({
        code: 'insufficient_credits',
      });
      expect((await storedAccount(database, account_id)).version).toBe(1);
      const late = newAccounts(database, { clock: () => next_month });
      await expect(late.transact(account_id, deductCommand('k', 500))).rejects.toEqual(
        refusal('insufficient_credits', { required: 500, available_credits: 100 }),
      );
      const { account } = await soundAccount(database, account_id);
      expect([account.version, balanceOf(account.lots), account.updated_at > test_now]).toEqual([2, 100, true]);
    });
  });
});
