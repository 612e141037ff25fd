import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';

/** All items of a table. */
export async function readItems(client: DynamoDBClient, table: string): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  let start_key: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: start_key }),
    );
    items.push(...(page.Items ?? []));
    start_key = page.LastEvaluatedKey;
  } while (start_key !== undefined);
  return items;
}

/** As many as DynamoDB takes in one call. */
const most_writes = 25;

/** Puts the items into a table. */
export async function writeItems(
  client: DynamoDBClient,
  table: string,
  items: Record<string, AttributeValue>[],
): Promise<void> {
  for (let first = 0; first < items.length; first += most_writes) {
    let requests: WriteRequest[] = items
      .slice(first, first + most_writes)
      .map((item) => ({ PutRequest: { Item: item } }));
    while (requests.length > 0) {
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      requests = UnprocessedItems?.[table] ?? [];
    }
  }
}
