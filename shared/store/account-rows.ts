import { GetCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { type Member, newMember } from '../domain/account/member.ts';
import { type Dispute, type MoneyBack, newPayment, type Payment, type Purchase } from '../domain/account/payment.ts';
import type { RefundedCharge, RowKey, Rows } from '../domain/account/rows.ts';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { getEntry } from './entries.ts';
import { answered } from './faults.ts';
import type { Shape } from './shape.ts';

const member_item = z.object({
  monthly_credits: z._default(z.nullable(z.int()), null),
  month: z.string(),
  used_credits: z.int(),
} satisfies Shape<Omit<Member, 'member'>>);

const payment_item = z.object({
  purchase: z._default(
    z.nullable(z.object({ lot_id: z.string(), credits: z.int(), opened_at: z.int() } satisfies Shape<Purchase>)),
    null,
  ),
  paid_amount: z.int(),
  money_back_amount: z.int(),
  money_back: z._default(
    z.array(z.object({ id: z.string(), amount: z.int(), has_failed: z.boolean() } satisfies Shape<MoneyBack>)),
    [],
  ),
  disputes: z.array(
    z.object({ id: z.string(), transactions: z.int(), withdrawn_amount: z.int() } satisfies Shape<Dispute>),
  ),
  called_back_credits: z.int(),
} satisfies Shape<Omit<Payment, 'payment_id'>>);

const refunded_item = z.object({ refunded_credits: z.int() } satisfies Shape<Omit<RefundedCharge, 'entry_id'>>);

/**
 * The known rows with those that a decision asked for. A row that does not exist yet begins empty.
 */
export async function loadRows(
  database: Database,
  account_id: string,
  rows: Rows,
  keys: readonly RowKey[],
): Promise<Rows> {
  const loaded = await Promise.all(distinct(keys).map((key) => loadRow(database, account_id, key)));
  return {
    members: [...rows.members, ...loaded.flatMap(({ members = [] }) => members)],
    refunded: [...rows.refunded, ...loaded.flatMap(({ refunded = [] }) => refunded)],
    payments: [...rows.payments, ...loaded.flatMap(({ payments = [] }) => payments)],
    evidence: [...rows.evidence, ...loaded.flatMap(({ evidence = [] }) => evidence)],
  };
}

/** The member's row, read consistently. */
export async function getMember(database: Database, account_id: string, member: string): Promise<Member> {
  const item = await getItem(database, account_id, memberKey(member));
  return item === undefined ? newMember(member) : { member, ...member_item.parse(item) };
}

/**
 * The writes that bring changed rows to their new state. The account's own condition guards them.
 */
export function putRows(database: Database, account_id: string, { members, refunded, payments }: ChangedRows) {
  const items = [
    ...members.map(({ member, monthly_credits, ...use }) => ({
      part_key: memberKey(member),
      ...(monthly_credits === null ? {} : { monthly_credits }),
      ...use,
    })),
    ...refunded.map(({ entry_id, refunded_credits }) => ({ part_key: refundedKey(entry_id), refunded_credits })),
    ...payments.map(toPaymentItem),
  ];
  return items.map(
    (item) =>
      ({
        Put: { TableName: tableName(database, 'account_parts'), Item: { account_id, ...item } },
      }) satisfies NonNullable<TransactWriteCommandInput['TransactItems']>[number],
  );
}

/** Rows that a decision has changed. Nothing changes what was looked up in the ledger. */
export type ChangedRows = Omit<Rows, 'evidence'>;

export function changedRows(before: Rows, after: Rows): ChangedRows {
  return {
    members: after.members.filter((member) => !before.members.includes(member)),
    refunded: after.refunded.filter((refunded) => !before.refunded.includes(refunded)),
    payments: after.payments.filter((payment) => !before.payments.includes(payment)),
  };
}

async function loadRow(database: Database, account_id: string, { kind, id }: RowKey): Promise<Partial<Rows>> {
  switch (kind) {
    case 'member':
      return { members: [await getMember(database, account_id, id)] };
    case 'refunded': {
      const item = await getItem(database, account_id, refundedKey(id));
      const refunded_credits = item === undefined ? 0 : refunded_item.parse(item).refunded_credits;
      return { refunded: [{ entry_id: id, refunded_credits }] };
    }
    case 'payment': {
      const item = await getItem(database, account_id, paymentKey(id));
      return { payments: [item === undefined ? newPayment(id) : { payment_id: id, ...payment_item.parse(item) }] };
    }
    case 'entry':
      return { evidence: [{ entry_id: id, entry: await getEntry(database, account_id, id) }] };
  }
}

async function getItem(database: Database, account_id: string, part_key: string) {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({
        TableName: tableName(database, 'account_parts'),
        Key: { account_id, part_key },
        ConsistentRead: true,
      }),
    ),
  );
  return Item;
}

function memberKey(member: string): string {
  return `member:${member}`;
}

function paymentKey(payment_id: string): string {
  return `payment:${payment_id}`;
}

function toPaymentItem({ payment_id, purchase, money_back, ...payment }: Payment) {
  return {
    part_key: paymentKey(payment_id),
    ...payment,
    ...(purchase === null ? {} : { purchase }),
    ...(money_back.length === 0 ? {} : { money_back }),
  };
}

function refundedKey(entry_id: string): string {
  return `refunded:${entry_id}`;
}

function distinct(keys: readonly RowKey[]): RowKey[] {
  return [...new Map(keys.map((key) => [`${key.kind}:${key.id}`, key])).values()];
}
