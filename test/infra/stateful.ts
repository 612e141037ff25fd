import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { SynthesizedStack } from './synthesized-stack.ts';

/** What a table loses its items by when it changes. */
const table_schema = z.object({
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.string() })),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  GlobalSecondaryIndexes: z
    .array(z.object({ IndexName: z.string(), KeySchema: z.array(z.object({ AttributeName: z.string() })) }))
    .default([]),
  StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string() }).optional(),
});

const TABLE = 'AWS::DynamoDB::GlobalTable';

/** Types of resources that hold what cannot be made again. */
const STATEFUL_TYPES: readonly string[] = [
  TABLE,
  'AWS::DynamoDB::Table',
  'AWS::Cognito::UserPool',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
];

const record_schema = z.strictObject({
  type: z.string(),
  key: z.string().optional(),
  indexes: z.record(z.string(), z.string()).optional(),
  stream: z.string().optional(),
  ttl: z.string().optional(),
});

/** Stateful resources by logical id. */
const records_schema = z.record(z.string(), record_schema);

export type StatefulRecords = z.output<typeof records_schema>;

export const STATEFUL_FILE = new URL('./stateful.json', import.meta.url);

/** What stateful.json says. */
export function recordedResources(): StatefulRecords {
  return records_schema.parse(JSON.parse(readFileSync(STATEFUL_FILE, 'utf8')));
}

/** The stateful resources of the stack in production with all that it can have. */
export function statefulResources(): StatefulRecords {
  const stack = SynthesizedStack.of({
    stage: 'production',
    stripeEventSource: 'aws.partner/stripe.com/ed_test_1',
  });
  const found = Object.entries(stack.resources)
    .filter(([, { Type }]) => STATEFUL_TYPES.includes(Type))
    .map(
      ([id, { Type, Properties }]) => [id, { type: Type, ...(Type === TABLE && describeTable(Properties)) }] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return records_schema.parse(Object.fromEntries(found));
}

function describeTable(properties: unknown): Omit<StatefulRecords[string], 'type'> {
  const table = table_schema.parse(properties);
  const typed = (keys: readonly { AttributeName: string }[]) =>
    keys
      .map(({ AttributeName }) => {
        const definition = table.AttributeDefinitions.find((attribute) => attribute.AttributeName === AttributeName);
        return `${AttributeName}:${definition?.AttributeType}`;
      })
      .join(' ');
  const indexes = table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema }) => [IndexName, typed(KeySchema)]);
  return {
    key: typed(table.KeySchema),
    ...(indexes.length > 0 && { indexes: Object.fromEntries(indexes) }),
    ...(table.StreamSpecification && { stream: table.StreamSpecification.StreamViewType }),
    ...(table.TimeToLiveSpecification && { ttl: table.TimeToLiveSpecification.AttributeName }),
  };
}

/** What a deployment would do to the recorded resources: one sentence for each that differs. */
export function consequences(recorded: StatefulRecords, now: StatefulRecords): string[] {
  const ids = [...new Set([...Object.keys(recorded), ...Object.keys(now)])].sort();
  return ids.flatMap((id) => {
    const [before, after] = [recorded[id], now[id]];
    if (after === undefined) return [`a retained resource would be orphaned: ${id} (${before?.type})`];
    if (before === undefined) return [`a resource is not recorded yet: ${id} (${after.type})`];
    if (before.type !== after.type || before.key !== after.key) {
      return [`a resource would be replaced by an empty one: ${id} (${describe(before)} → ${describe(after)})`];
    }
    const same = JSON.stringify(before) === JSON.stringify(after);
    return same
      ? []
      : [`an index, a stream or the time to live changes: ${id} (${describe(before)} → ${describe(after)})`];
  });
}

const describe = ({ type, ...rest }: StatefulRecords[string]) =>
  Object.keys(rest).length > 0 ? JSON.stringify(rest) : type;
