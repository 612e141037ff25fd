import { z } from 'zod';
import { arn } from '../physical-names.ts';

/** What IAM asks of a caller: an action on a resource. */
export interface Permission {
  action: string;
  resource: string;
}

type Needs = (input: unknown) => Permission[];

const tableSchema = z.object({ TableName: z.string() });
const indexSchema = tableSchema.extend({ IndexName: z.string().optional() });
const batchSchema = z.object({ RequestItems: z.record(z.string(), z.unknown()) });
const transactionSchema = z.object({ TransactItems: z.array(z.record(z.string(), tableSchema)) });
const queueSchema = z.object({ QueueUrl: z.string() });
const secretSchema = z.object({ SecretId: z.string() });

/** A table is named or given by its ARN. */
const tableArn = (table: string) => (table.startsWith('arn:') ? table : arn('dynamodb', `table/${table}`));

const onTable =
  (action: string): Needs =>
  (input) => [{ action, resource: tableArn(tableSchema.parse(input).TableName) }];

const onTableOrIndex =
  (action: string): Needs =>
  (input) => {
    const { TableName, IndexName } = indexSchema.parse(input);
    const table = tableArn(TableName);
    return [{ action, resource: IndexName === undefined ? table : `${table}/index/${IndexName}` }];
  };

const onEachTable =
  (action: string): Needs =>
  (input) =>
    Object.keys(batchSchema.parse(input).RequestItems).map((table) => ({ action, resource: tableArn(table) }));

/** A transaction has no action of its own: each of its parts needs what it would need alone. */
const action_of_part: Record<string, string> = {
  Get: 'dynamodb:GetItem',
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

const onEachPart: Needs = (input) =>
  transactionSchema
    .parse(input)
    .TransactItems.flatMap(Object.entries)
    .map(([part, { TableName }]) => ({ action: action_of_part[part] ?? part, resource: tableArn(TableName) }));

/** `http://…/000000000000/EventsQueue.fifo` is the queue `EventsQueue.fifo`. */
const onQueue =
  (action: string): Needs =>
  (input) => {
    const { QueueUrl } = queueSchema.parse(input);
    return [{ action, resource: arn('sqs', QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1)) }];
  };

const onSecret =
  (action: string): Needs =>
  (input) => [{ action, resource: secretSchema.parse(input).SecretId }];

/** The permissions of each operation, by the request's X-Amz-Target. */
const needs_by_target: Record<string, Needs | undefined> = {
  'DynamoDB_20120810.GetItem': onTable('dynamodb:GetItem'),
  'DynamoDB_20120810.PutItem': onTable('dynamodb:PutItem'),
  'DynamoDB_20120810.UpdateItem': onTable('dynamodb:UpdateItem'),
  'DynamoDB_20120810.DeleteItem': onTable('dynamodb:DeleteItem'),
  'DynamoDB_20120810.DescribeTable': onTable('dynamodb:DescribeTable'),
  'DynamoDB_20120810.Query': onTableOrIndex('dynamodb:Query'),
  'DynamoDB_20120810.Scan': onTableOrIndex('dynamodb:Scan'),
  'DynamoDB_20120810.BatchGetItem': onEachTable('dynamodb:BatchGetItem'),
  'DynamoDB_20120810.BatchWriteItem': onEachTable('dynamodb:BatchWriteItem'),
  'DynamoDB_20120810.TransactGetItems': onEachPart,
  'DynamoDB_20120810.TransactWriteItems': onEachPart,
  'AmazonSQS.SendMessage': onQueue('sqs:SendMessage'),
  'AmazonSQS.SendMessageBatch': onQueue('sqs:SendMessage'),
  'AmazonSQS.GetQueueAttributes': onQueue('sqs:GetQueueAttributes'),
  'secretsmanager.GetSecretValue': onSecret('secretsmanager:GetSecretValue'),
};

/**
 * The permissions that a call needs; undefined for an operation that the local cloud does not know.
 * Throws a ZodError.
 */
export function neededPermissions(target: string, input: unknown): Permission[] | undefined {
  return Object.hasOwn(needs_by_target, target) ? needs_by_target[target]?.(input) : undefined;
}
