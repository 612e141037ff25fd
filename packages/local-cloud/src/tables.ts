import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { nameResources } from './physical-names.ts';
import { resolverOf, resourcesOf, type Template } from './template.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const indexSchema = z.object({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.object({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
});

const tableSchema = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(indexSchema).optional(),
  LocalSecondaryIndexes: z.array(indexSchema).optional(),
  StreamSpecification: z
    .object({ StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) })
    .optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
});

/** A table's name does not depend on addresses. */
const no_addresses = { api_url: '', aws_url: '' };

const table_types = ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'];

/**
 * Creates every table of the template on demand, with its indexes and time to live. An existing
 * table is kept as it is. Answers the physical name per logical id.
 */
export async function createTables(
  template: Template,
  dynamodb_client: DynamoDBClient,
): Promise<Record<string, string>> {
  const physical = nameResources(template, no_addresses);
  const resolve = resolverOf(template, physical);
  const names: Record<string, string> = {};
  const creations = resourcesOf(template, ...table_types).map(async ([id, properties]) => {
    const name = String(physical.get(id)?.ref);
    names[id] = name;
    await createTable(dynamodb_client, name, tableSchema.parse(resolve(properties)));
  });
  await Promise.all(creations);
  return names;
}

/**
 * The tables' names by the environment variables that tell functions
 * (`{ACCOUNTS_TABLE: 'Accounts', …}`).
 */
export function tableVariables(template: Template): Record<string, string> {
  const physical = nameResources(template, no_addresses);
  const resolve = resolverOf(template, physical);
  const tables = new Set(resourcesOf(template, ...table_types).map(([id]) => physical.get(id)?.ref));
  const variables: Record<string, string> = {};
  const environmentSchema = z.object({ Variables: z.record(z.string(), z.unknown()) }).optional();
  for (const [, properties] of resourcesOf(template, 'AWS::Lambda::Function')) {
    const environment = environmentSchema.parse(properties.Environment);
    for (const [variable, given] of Object.entries(environment?.Variables ?? {})) {
      const value = resolve(given);
      if (typeof value === 'string' && tables.has(value)) variables[variable] = value;
    }
  }
  return variables;
}

async function createTable(client: DynamoDBClient, name: string, table: z.infer<typeof tableSchema>): Promise<void> {
  const input: CreateTableCommandInput = {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: table.AttributeDefinitions,
    KeySchema: table.KeySchema,
  };
  if (table.GlobalSecondaryIndexes?.length) input.GlobalSecondaryIndexes = table.GlobalSecondaryIndexes;
  if (table.LocalSecondaryIndexes?.length) input.LocalSecondaryIndexes = table.LocalSecondaryIndexes;
  if (table.StreamSpecification) input.StreamSpecification = { StreamEnabled: true, ...table.StreamSpecification };
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (error instanceof ResourceInUseException) return;
    throw error;
  }
  await becomeActive(client, name);
  const ttl = table.TimeToLiveSpecification;
  if (ttl?.Enabled && ttl.AttributeName) {
    const specification = { AttributeName: ttl.AttributeName, Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: specification }));
  }
}

async function becomeActive(client: DynamoDBClient, name: string): Promise<void> {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
