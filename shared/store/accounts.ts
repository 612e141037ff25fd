import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Account } from '../domain/account/account.ts';
import { type Decide, type Decision, decideNothing, isRow } from '../domain/time/decision.ts';
import { presentOf } from '../domain/time/present.ts';
import { rollForward } from '../domain/time/roll-forward.ts';
import type { Instant } from '../domain/units.ts';
import { fromAccountItem } from './account-item.ts';
import { loadRows } from './account-rows.ts';
import { tableName } from './database.ts';
import type { Command } from './decide-group.ts';
import type { AccountsOptions, Asked, Outcome } from './deps.ts';
import { answered } from './faults.ts';
import { GroupCommit } from './group-commit.ts';

export type { Command } from './decide-group.ts';
export type { AccountsOptions, Asked, Outcome } from './deps.ts';

export interface Accounts {
  /**
   * The one function that changes credits. Decides the command on the account as it is and commits the new account, the entries
   * that explain it and the proof that its cause was handled, in one transaction. Rejects with the decision's refusal, with
   * `idempotency_key_reused`, or with `AccountBusy` after the deadline.
   */
  transact(account_id: string, command: Command): Promise<Outcome>;
  /** The same for a command that may ask what only Stripe knows. */
  attempt(account_id: string, command: Command): Promise<Outcome | Asked>;
  /** The same for several commands of one account, at most 40: decided in their order, and committed together. */
  transactAll(account_id: string, commands: readonly Command[]): Promise<PromiseSettledResult<Outcome>[]>;
  /** The account as of now, read consistently. One that nobody has seen before is opened: its first period begins. */
  read(account_id: string): Promise<{ account: Account; now: Instant }>;
  /** What the decision would make of the account as of now. Rows that it asks for are read; nothing of it is written. */
  preview(account_id: string, decide: Decide): Promise<{ account: Account; decision: Decision }>;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const { database, catalog, clock } = options;
  const groups = new Map<string, GroupCommit>();

  async function load(account_id: string): Promise<Account | null> {
    const { Item } = await database.client.send(
      new GetCommand({ TableName: tableName(database, 'accounts'), Key: { account_id }, ConsistentRead: true }),
    );
    return Item === undefined ? null : fromAccountItem(Item);
  }

  function groupOf(account_id: string): GroupCommit {
    const known = groups.get(account_id);
    if (known !== undefined) return known;
    const group = new GroupCommit(account_id, { ...options, load, idle: () => groups.delete(account_id) });
    groups.set(account_id, group);
    return group;
  }

  const transactAll = (account_id: string, commands: readonly Command[]) =>
    Promise.allSettled(groupOf(account_id).add(commands).map(outcomeOf));
  const attempt = async (account_id: string, command: Command) => {
    const [answer] = groupOf(account_id).add([command]);
    if (answer === undefined) throw new Error('a command that was queued has an answer');
    return answer;
  };
  const transact = (account_id: string, command: Command) => outcomeOf(attempt(account_id, command));

  async function read(account_id: string): Promise<{ account: Account; now: Instant }> {
    const stored = await answered(load(account_id));
    const now = clock();
    if (stored !== null) return { account: rollForward(stored, catalog, now).account, now };
    return transact(account_id, { entry_id: null, fingerprint: null, decide: decideNothing });
  }

  async function preview(account_id: string, decide: Decide) {
    const { account: known, now } = await read(account_id);
    let account = known;
    for (;;) {
      const decision = decide(presentOf(account, catalog, now));
      if (!('asks' in decision) || !isRow(decision.asks)) return { account, decision };
      account = { ...account, rows: await loadRows(database, account_id, account.rows, [decision.asks]) };
    }
  }

  return { transact, attempt, transactAll, read, preview };
}

async function outcomeOf(attempt: Promise<Outcome | Asked>): Promise<Outcome> {
  const attempted = await attempt;
  if ('question' in attempted) throw new TypeError(`nobody here asks Stripe: ${attempted.question.kind}`);
  return attempted;
}
