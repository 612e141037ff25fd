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
];
