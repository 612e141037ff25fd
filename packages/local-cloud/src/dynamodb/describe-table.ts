import type { Item } from './attribute-value.ts';
import { itemSize } from './item-size.ts';
import { type KeySchema, keyAttributes } from './keys.ts';
import { last_part, type SortedRows } from './sorted-rows.ts';
import { tableArn } from './stream.ts';
import type { Index, Table } from './table.ts';

/** A table as DescribeTable answers it. */
export function describeTable(table: Table): object {
  const { schema, created_at, rows, stream, is_protected } = table;
  const indexes = (is_global: boolean) => {
    const found = [...table.indexes.values()].filter((index) => index.schema.is_global === is_global);
    return found.length === 0 ? undefined : found.map((index) => describeIndex(table, index));
  };
  return {
    TableName: schema.name,
    TableArn: tableArn(schema.name),
    TableStatus: 'ACTIVE',
    CreationDateTime: created_at / 1000,
    AttributeDefinitions: schema.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: describeKey(schema.key),
    ItemCount: rows.size,
    TableSizeBytes: bytesOf(rows),
    BillingModeSummary: { BillingMode: schema.billing_mode },
    ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
    DeletionProtectionEnabled: is_protected,
    GlobalSecondaryIndexes: indexes(true),
    LocalSecondaryIndexes: indexes(false),
    ...(stream !== null && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.view },
      LatestStreamArn: stream.arn,
      LatestStreamLabel: stream.label,
    }),
  };
}

function describeIndex({ schema: table }: Table, { schema, rows }: Index): object {
  return {
    IndexName: schema.name,
    IndexArn: `${tableArn(table.name)}/index/${schema.name}`,
    KeySchema: describeKey(schema.key),
    Projection: {
      ProjectionType: schema.projection_type,
      ...(schema.projection_type === 'INCLUDE' && { NonKeyAttributes: schema.projected }),
    },
    ItemCount: rows.size,
    IndexSizeBytes: bytesOf(rows),
    ...(schema.is_global && {
      IndexStatus: 'ACTIVE',
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
    }),
  };
}

/** As CreateTable takes it. */
export function describeKey(key: KeySchema): object[] {
  return keyAttributes(key).map(({ name }, at) => ({ AttributeName: name, KeyType: at === 0 ? 'HASH' : 'RANGE' }));
}

function bytesOf(rows: SortedRows<Item>): number {
  let bytes = 0;
  for (const { value } of rows.between([], [last_part])) bytes += itemSize(value);
  return bytes;
}
