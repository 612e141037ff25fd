/** A fault that somebody could make: a piece of a source file, and what it would be then. */
export interface Plant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What goes wrong in real systems that keep credits. */
const classic_plants: readonly Plant[] = [
  {
    name: 'no version condition',
    file: 'shared/store/commit.ts',
    from: "{ ConditionExpression: 'version = :decided_on', ExpressionAttributeValues: { ':decided_on': decided_on } }",
    to: '{}',
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
    name: 'key that expires',
    file: 'test/verify/sim/memory-tables.ts',
    from: 'this.#rows.set(key, after);',
    to: "this.#rows.set(key, after); if (table === 'ledger') setTimeout(() => this.#rows.delete(key), 86_400_000);",
  },
  {
    name: 'used = 0 at reset',
    file: 'shared/domain/time/roll-forward.ts',
    from: 'const moved = withAccount(draft, {',
    to: `const lots = draft.account.lots.map((lot) => (lot.kind === 'bonus' ? { ...lot, remaining: lot.amount } : lot));
  const moved = withAccount(draft, { lots,`,
  },
  {
    name: 'balance set instead of moved',
    file: 'shared/domain/spend/decide-grant.ts',
    from: 'bookNewLot(draft, facts,',
    to: "bookNewLot({ ...draft, account: { ...draft.account, lots: lots.filter((lot) => lot.kind !== 'bonus') } }, facts,",
  },
  {
    name: 'entry without condition',
    file: 'shared/store/commit.ts',
    from: "PutCondition = { ConditionExpression: 'attribute_not_exists(entry_id)' }",
    to: 'PutCondition = {}',
  },
  {
    name: 'cached rejection',
    file: 'shared/store/accounts.ts',
    from: 'return answer;',
    to: `const refusals = (globalThis.refusals ??= new Map());
    const key = account_id + command.entry_id;
    const asked = answer.catch((error) => {
      if (command.entry_id !== null && error.code === 'insufficient_credits') refusals.set(key, error);
      throw error;
    });
    asked.catch(() => undefined);
    if (refusals.has(key)) throw refusals.get(key);
    return asked;`,
  },
  {
    name: 'stale snapshot applied',
    file: 'shared/domain/billing/decide-subscription.ts',
    from: 'if (snapshot.snapshot_at < snapshot_at) return stale;',
    to: 'if (snapshot.snapshot_at < snapshot_at) return { known: { ...subscription, ...snapshot } };',
  },
  {
    name: 'refund not cumulative',
    file: 'shared/domain/spend/decide-refund.ts',
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
];

/**
 * Of the store and of what comes to it: what takes effect apart from what it belongs to, and what
 * is believed too soon.
 */
const store_plants: readonly Plant[] = [
  {
    name: 'version that stays',
    file: 'shared/store/commit.ts',
    from: 'version: account.version + 1',
    to: 'version: Math.max(1, account.version)',
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
    name: 'refusal on a remembered account',
    file: 'shared/store/accounts.ts',
    from: 'return Item === undefined ? null : fromAccountItem(Item);',
    to: `const remembered = (load.remembered ??= new Map());
    const item = remembered.get(account_id) ?? Item;
    remembered.set(account_id, Item);
    return item === undefined ? null : fromAccountItem(item);`,
  },
  {
    name: 'one group of commands for all accounts',
    file: 'shared/store/accounts.ts',
    from: 'const known = groups.get(account_id);',
    to: 'const [known] = groups.values();',
  },
  {
    name: 'event booked on another account',
    file: 'shared/stripe/find-account.ts',
    from: 'return (await findAccountByCustomer(database, subject.stripe_customer_id)) ?? subject.account_id;',
    to: "return 'acct_0';",
  },
  {
    name: 'use counted outside the transaction of its charge',
    file: 'shared/store/commit.ts',
    from: 'await database.client.send(new TransactWriteCommand({ TransactItems: items }));',
    to: `const [uses, rows] = [items.filter(({ Update }) => Update), items.filter(({ Update }) => !Update)];
    await database.client.send(new TransactWriteCommand({ TransactItems: rows }));
    if (uses.length > 0) await database.client.send(new TransactWriteCommand({ TransactItems: uses }));`,
  },
  {
    name: 'use counted again by a retry',
    file: 'shared/store/usage.ts',
    from: '{ TransactItems: [counted, kept] }',
    to: '{ TransactItems: [counted, { Put: { ...kept.Put, ConditionExpression: undefined } }] }',
  },
];

/** Of the rules. */
const domain_plants: readonly Plant[] = [
  {
    name: 'spent bonus in the refill',
    file: 'shared/domain/time/roll-forward.ts',
    from: 'monthlyAllowance(plan.monthly_credits, plan.monthly_credits, end)',
    to: `((more) => monthlyAllowance(plan.monthly_credits + more, plan.monthly_credits + more, end))(
    draft.account.lots.reduce((sum, lot) => sum + (lot.kind === 'bonus' ? lot.amount - lot.remaining : 0), 0),
  )`,
  },
  {
    name: 'refund that sets its lot',
    file: 'shared/domain/account/draft.ts',
    from: 'remaining: lot.remaining + (moved.get(lot.id) ?? 0) }',
    to: 'remaining: moved.get(lot.id) > 0 ? moved.get(lot.id) : lot.remaining + (moved.get(lot.id) ?? 0) }',
  },
  {
    name: 'purchase that sets what was bought',
    file: 'shared/domain/billing/decide-payment.ts',
    from: 'bookNewLot(draft, facts, lot)',
    to: "bookNewLot(withAccount(draft, { lots: draft.account.lots.filter(({ kind }) => kind !== 'purchase') }), facts, lot)",
  },
  {
    name: 'reset beside what is left',
    file: 'shared/domain/time/roll-forward.ts',
    from: 'if (lot === undefined) return [];',
    to: 'if (lot === undefined || next !== null) return [];',
  },
  {
    name: 'used = 0 at a change of plan',
    file: 'shared/domain/billing/align-period.ts',
    from: 'changePeriod(here, catalog, running, plan, carriedOver(account), at)',
    to: 'changePeriod(here, catalog, running, plan, fresh, at)',
  },
  {
    name: 'returned money that is not cumulative',
    file: 'shared/domain/account/payment.ts',
    from: '(sum, { withdrawn_amount }) => sum + withdrawn_amount, money_back_amount)',
    to: '(sum, { withdrawn_amount }) => Math.max(sum, withdrawn_amount), money_back_amount % paid_amount)',
  },
  {
    name: 'rollover without its cap',
    file: 'shared/domain/time/rollover.ts',
    from: 'Math.min(share, room, ',
    to: 'Math.min(share, ',
  },
  {
    name: 'rollover that never ends',
    file: 'shared/domain/time/roll-forward.ts',
    from: "lot.kind === 'monthly' || lot.is_closed ||",
    to: "lot.kind === 'monthly' || lot.kind === 'rollover' || lot.is_closed ||",
  },
  {
    name: 'member cap ignored',
    file: 'shared/domain/spend/member-cap.ts',
    from: 'return used + required > monthly_credits\n    ?',
    to: 'return required > Number.MAX_SAFE_INTEGER\n    ?',
  },
  {
    name: 'member cap without open holds',
    file: 'shared/domain/spend/member-cap.ts',
    from: 'const used = usedInMonth(member, now) + heldBy(account, member);',
    to: 'const used = usedInMonth(member, now);',
  },
  {
    name: 'refund that leaves the member charged',
    file: 'shared/domain/spend/decide-refund.ts',
    from: 'countUse(account, spender.member, -amount, at)',
    to: 'countUse(account, spender.member, 0, at)',
  },
  {
    name: 'override that never expires',
    file: 'shared/domain/account/feature-override.ts',
    from: 'return expires_at === null || now < expires_at;',
    to: 'return expires_at === null || now > 0;',
  },
  {
    name: 'features that nobody pays for',
    file: 'shared/domain/access/features.ts',
    from: 'now >= subscription.paid.through + catalog.policies.past_due_grace_ms;',
    to: 'false;',
  },
  {
    name: 'refund that fails and is not taken for it',
    file: 'shared/stripe/from-stripe-refund.ts',
    from: "if (typeof payment_intent !== 'string' || !known.has_failed) return ignored;",
    to: 'return ignored;',
  },
  {
    name: 'trial that gives nothing',
    file: 'shared/domain/account/subscription.ts',
    from: "live_statuses: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due'])",
    to: "live_statuses: ReadonlySet<string> = new Set(['active', 'past_due'])",
  },
  {
    name: 'pause that is overlooked',
    file: 'shared/domain/account/subscription.ts',
    from: "live_statuses: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due'])",
    to: "live_statuses: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due', 'paused'])",
  },
];

export const plants: readonly Plant[] = [...classic_plants, ...store_plants, ...domain_plants];
