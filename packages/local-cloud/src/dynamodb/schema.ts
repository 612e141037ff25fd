import { z } from 'zod';
import { invalidParameter, validationError } from './errors.ts';
import type { KeyAttribute, KeySchema } from './keys.ts';

export const stream_views = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
export type StreamView = (typeof stream_views)[number];

export interface IndexSchema {
  readonly name: string;
  readonly is_global: boolean;
  readonly key: KeySchema;
  /** Names of the attributes beside the keys, or `ALL`. */
  readonly projected: readonly string[] | 'ALL';
  readonly projection_type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
}

export interface TableSchema {
  readonly name: string;
  readonly billing_mode: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly attributes: readonly KeyAttribute[];
  readonly key: KeySchema;
  readonly indexes: readonly IndexSchema[];
  readonly stream_view: StreamView | null;
  readonly is_protected: boolean;
}

const keySchemaInput = z
  .array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
  .min(1)
  .max(2);

const indexInput = z.object({
  IndexName: z.string().regex(/^[a-zA-Z0-9_.-]{3,255}$/),
  KeySchema: keySchemaInput,
  Projection: z.object({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).min(1).max(20).optional(),
  }),
});

export const streamInput = z.object({ StreamEnabled: z.boolean(), StreamViewType: z.enum(stream_views).optional() });

/** What CreateTable is given, as far as it matters in memory. */
export const createTableInput = z.object({
  TableName: z.string().regex(/^[a-zA-Z0-9_.-]{3,255}$/),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchemaInput,
  GlobalSecondaryIndexes: z.array(indexInput).min(1).max(20).optional(),
  LocalSecondaryIndexes: z.array(indexInput).min(1).max(5).optional(),
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).default('PROVISIONED'),
  StreamSpecification: streamInput.optional(),
  DeletionProtectionEnabled: z.boolean().default(false),
});

type CreateTableInput = z.output<typeof createTableInput>;

/**
 * The schema that CreateTable asks for. Throws a `ValidationException` where its parts do not fit
 * together.
 */
export function readTableSchema(input: CreateTableInput): TableSchema {
  const attributes = input.AttributeDefinitions.map(({ AttributeName: name, AttributeType: type }) => ({ name, type }));
  const key = readKey(input.KeySchema, attributes);
  const local = (input.LocalSecondaryIndexes ?? []).map((index) => readIndex(index, false, attributes));
  const global = (input.GlobalSecondaryIndexes ?? []).map((index) => readIndex(index, true, attributes));
  const indexes = [...local, ...global];
  for (const index of local) assertLocal(index, key);
  assertUnique(indexes);
  assertAllUsed(attributes, [key, ...indexes.map((index) => index.key)]);
  return {
    name: input.TableName,
    billing_mode: input.BillingMode,
    attributes,
    key,
    indexes,
    stream_view: readStreamView(input.StreamSpecification),
    is_protected: input.DeletionProtectionEnabled,
  };
}

/** Null where no stream is wanted. Throws a `ValidationException` for a stream without a view. */
export function readStreamView(input: z.output<typeof streamInput> | undefined): StreamView | null {
  if (input === undefined || !input.StreamEnabled) return null;
  if (input.StreamViewType !== undefined) return input.StreamViewType;
  throw invalidParameter('StreamEnabled is true, but StreamViewType is not set');
}

function readKey(input: z.output<typeof keySchemaInput>, attributes: readonly KeyAttribute[]): KeySchema {
  const [first, second] = input;
  if (first === undefined || first.KeyType !== 'HASH') {
    throw validationError('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
  if (second !== undefined && second.KeyType !== 'RANGE') {
    throw validationError('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
  if (first.AttributeName === second?.AttributeName) {
    throw validationError('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  const attributeNamed = (name: string) => {
    const attribute = attributes.find((one) => one.name === name);
    if (attribute !== undefined) return attribute;
    const defined = attributes.map((one) => one.name).join(', ');
    const all = input.map(({ AttributeName }) => AttributeName).join(', ');
    throw invalidParameter(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${all}], AttributeDefinitions: [${defined}]`,
    );
  };
  return {
    partition: attributeNamed(first.AttributeName),
    sort: second === undefined ? null : attributeNamed(second.AttributeName),
  };
}

function readIndex(
  { IndexName: name, KeySchema: key, Projection: projection }: z.output<typeof indexInput>,
  is_global: boolean,
  attributes: readonly KeyAttribute[],
): IndexSchema {
  const { ProjectionType: projection_type, NonKeyAttributes: names } = projection;
  if (projection_type !== 'INCLUDE' && names !== undefined) {
    throw invalidParameter(`ProjectionType is ${projection_type}, but NonKeyAttributes is specified`);
  }
  if (projection_type === 'INCLUDE' && names === undefined) {
    throw invalidParameter('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  const projected = projection_type === 'ALL' ? 'ALL' : (names ?? []);
  return { name, is_global, key: readKey(key, attributes), projected, projection_type };
}

function assertLocal({ name, key }: IndexSchema, table_key: KeySchema): void {
  if (table_key.sort === null) {
    const rule = 'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex';
    throw invalidParameter(rule);
  }
  if (key.sort === null) {
    throw invalidParameter(`Index KeySchema does not have a range key for index: ${name}`);
  }
  if (key.partition.name !== table_key.partition.name) {
    const rule = 'Index KeySchema does not have the same leading hash key as table KeySchema for index';
    const keys = `index hash key: ${key.partition.name}, table hash key: ${table_key.partition.name}`;
    throw invalidParameter(`${rule}: ${name}. ${keys}`);
  }
}

function assertUnique(indexes: readonly IndexSchema[]): void {
  for (const [at, { name }] of indexes.entries()) {
    if (indexes.slice(0, at).some((other) => other.name === name)) {
      throw invalidParameter(`Duplicate index name: ${name}`);
    }
  }
}

function assertAllUsed(attributes: readonly KeyAttribute[], keys: readonly KeySchema[]): void {
  const used = new Set(keys.flatMap(({ partition, sort }) => [partition.name, sort?.name]));
  if (attributes.every(({ name }) => used.has(name))) return;
  const rule =
    'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions';
  throw invalidParameter(rule);
}
