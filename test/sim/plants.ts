/** A fault that somebody could make: a piece of a source file, and what it would be then. */
export interface Plant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const plants: readonly Plant[] = [
  {
    name: 'no version condition',
    file: 'shared/store/commit.ts',
    from: "{ ConditionExpression: 'version = :decided_on', ExpressionAttributeValues: { ':decided_on': decided_on } }",
    to: '{}',
  },
  {
    name: 'version that stays',
    file: 'shared/store/commit.ts',
    from: 'version: account.version + 1',
    to: 'version: Math.max(1, account.version)',
  },
  {
    name: 'entry without condition',
    file: 'shared/store/commit.ts',
    from: "PutCondition = { ConditionExpression: 'attribute_not_exists(entry_id)' }",
    to: 'PutCondition = {}',
  },
  {
    name: 'silence taken for success',
    file: 'shared/store/commit.ts',
    from: "return { kind: 'uncertain', cause: error }",
    to: "return { kind: 'committed', account }",
  },
  {
    name: 'refusal without a look into the ledger',
    file: 'shared/store/group-commit.ts',
    from: 'if (entry === null) command.refuse(refusal);',
    to: 'if (entry === null || entry !== null) command.refuse(refusal);',
  },
  {
    name: 'refusal from the cache',
    file: 'shared/store/group-commit.ts',
    from: 'if (!basis.is_fresh && (writes_nothing || decided.refused.length > 0)) return [left, null];',
    to: '',
  },
  {
    name: 'refund that is not cumulative',
    file: 'shared/domain/decide-refund.ts',
    from: 'const rest = chargedBy(charge) - refunded_credits;',
    to: 'const rest = chargedBy(charge);',
  },
  {
    name: 'period from the previous end',
    file: 'shared/domain/period.ts',
    from: 'return addMonths(new UTCDateMini(anchor_at), index).getTime();',
    to: `let at = new UTCDateMini(anchor_at);
  for (let month = 0; month < index; month += 1) at = addMonths(at, 1);
  return (index < 0 ? addMonths(at, index) : at).getTime();`,
  },
  {
    name: 'reset beside what is left',
    file: 'shared/domain/roll-forward.ts',
    from: 'if (lot === undefined) return [];',
    to: 'if (lot === undefined || next !== null) return [];',
  },
  {
    name: 'balance that is set',
    file: 'shared/domain/roll-forward.ts',
    from: 'monthlyAllowance(plan.monthly_credits, plan.monthly_credits, end)',
    to: '{ ...monthlyAllowance(plan.monthly_credits, plan.monthly_credits, end), remaining: plan.monthly_credits + 1 }',
  },
  {
    name: 'marker outside the transaction',
    file: 'shared/store/commit.ts',
    from: 'await database.client.send(new TransactWriteCommand({ TransactItems: items }));',
    to: `const is_marker = ({ Put }) => Put?.TableName === 'stripe_events';
    const markers = items.filter(is_marker);
    await database.client.send(new TransactWriteCommand({ TransactItems: items.filter((item) => !is_marker(item)) }));
    if (markers.length > 0) await database.client.send(new TransactWriteCommand({ TransactItems: markers }));`,
  },
  {
    name: 'key that expires after a day',
    file: 'test/sim/memory-tables.ts',
    from: 'this.#rows.set(key, after);',
    to: "this.#rows.set(key, after); if (table === 'ledger') setTimeout(() => this.#rows.delete(key), 86_400_000);",
  },
  {
    name: 'cached rejection',
    file: 'shared/store/accounts.ts',
    from: 'return answer;',
    to: `const refusals = (globalThis.refusals ??= new Map());
    const key = account_id + command.entry_id;
    const asked = answer.catch((error) => {
      if (command.entry_id !== null && error.name === 'InsufficientCredits') refusals.set(key, error);
      throw error;
    });
    asked.catch(() => undefined);
    if (refusals.has(key)) throw refusals.get(key);
    return asked;`,
  },
  {
    name: 'stale snapshot applied',
    file: 'shared/domain/decide-subscription.ts',
    from: 'if (snapshot.snapshot_at < snapshot_at) return new StaleSnapshot();',
    to: 'if (snapshot.snapshot_at < snapshot_at) return { ...subscription, ...snapshot };',
  },
  {
    name: 'used = 0 at a change of plan',
    file: 'shared/domain/align-period.ts',
    from: 'changePeriod(here, catalog, running, plan, carriedOver(account), at)',
    to: 'changePeriod(here, catalog, running, plan, fresh, at)',
  },
  {
    name: 'returned money that is not cumulative',
    file: 'shared/domain/payment.ts',
    from: '(sum, { withdrawn_amount }) => sum + withdrawn_amount, refunded_amount)',
    to: '(sum, { withdrawn_amount }) => Math.max(sum, withdrawn_amount), refunded_amount % paid_amount)',
  },
];
