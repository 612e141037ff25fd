import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { SynthesizedStack } from './synthesized-stack.ts';

const key_schema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const table_schema = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  BillingMode: z.string(),
  KeySchema: key_schema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: key_schema,
        Projection: z.object({ ProjectionType: z.string() }),
      }),
    )
    .default([]),
  Replicas: z.tuple([
    z.object({
      DeletionProtectionEnabled: z.boolean(),
      PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }),
    }),
  ]),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
});

const TABLES: Record<string, { key: string; indexes?: Record<string, string>; ttl?: string }> = {
  AccountsTable: {
    key: 'account_id:S',
    indexes: { by_due: 'due_shard:N due_at:N KEYS_ONLY', by_stripe_customer: 'stripe_customer_id:S KEYS_ONLY' },
  },
  AccountPartsTable: { key: 'account_id:S part_key:S' },
  LedgerTable: { key: 'account_id:S entry_id:S', indexes: { by_seq: 'account_id:S seq:N ALL' } },
  StripeEventsTable: {
    key: 'event_id:S',
    ttl: 'expires_at',
    indexes: { by_quarantine: 'quarantine:S created_at:N INCLUDE' },
  },
  UsageTable: { key: 'account_id:S feature_day:S' },
  RequestsTable: { key: 'account_id:S request_key:S' },
};

const TYPE = 'AWS::DynamoDB::GlobalTable';
const dev = SynthesizedStack.of();
const production = SynthesizedStack.of({ stage: 'production' });

test('the stack has these tables and no others', () => {
  expect(dev.names(TYPE)).toEqual(Object.keys(TABLES).sort());
});

describe.each(Object.entries(TABLES))('%s', (name, { key, indexes = {}, ttl }) => {
  const table = table_schema.parse(dev.one(TYPE, name).Properties);
  const typed = (keys: z.output<typeof key_schema>) =>
    keys
      .map(({ AttributeName }) => {
        const definition = table.AttributeDefinitions.find((attribute) => attribute.AttributeName === AttributeName);
        return `${AttributeName}:${definition?.AttributeType}`;
      })
      .join(' ');

  test('has its key and indexes', () => {
    expect(typed(table.KeySchema)).toBe(key);
    const found = table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => [
      IndexName,
      `${typed(KeySchema)} ${Projection.ProjectionType}`,
    ]);
    expect(Object.fromEntries(found)).toEqual(indexes);
  });

  test('expires only what may expire', () => {
    expect(table.TimeToLiveSpecification).toEqual(ttl && { AttributeName: ttl, Enabled: true });
  });

  test('is on demand, with point-in-time recovery', () => {
    expect(table.BillingMode).toBe('PAY_PER_REQUEST');
    expect(table.Replicas[0].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
  });

  test('is kept and protected in production, and only there', () => {
    const { Properties, ...kept } = production.one(TYPE, name);
    expect(kept).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(table_schema.parse(Properties).Replicas[0].DeletionProtectionEnabled).toBe(true);
    expect(dev.one(TYPE, name)).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    expect(table.Replicas[0].DeletionProtectionEnabled).toBe(false);
  });
});
