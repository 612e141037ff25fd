import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { UsageIncrement } from '../domain/time/decision.ts';
import { type Database, tableName } from './database.ts';

/** One use of a feature by an account. */
export interface AccountUsage extends UsageIncrement {
  readonly account_id: string;
}

/** The sort key of the counter of a feature and UTC day. */
export function featureDay(feature: string, day: string): string {
  return `${feature}#${day}`;
}

/** The update that counts a use. It makes the counter if there is none. */
export function incrementUsage(database: Database, { account_id, feature, day, count, credits }: AccountUsage) {
  return {
    Update: {
      TableName: tableName(database, 'usage'),
      Key: { account_id, feature_day: featureDay(feature, day) },
      UpdateExpression: 'ADD use_count :count, credits :credits',
      ExpressionAttributeValues: { ':count': count, ':credits': credits },
    },
  } satisfies NonNullable<TransactWriteCommandInput['TransactItems']>[number];
}

/** One increment per counter: increments of several commands in one commit are added up. */
export function mergeUsage(usage: readonly AccountUsage[]): AccountUsage[] {
  const merged = new Map<string, AccountUsage>();
  for (const use of usage) {
    const key = featureDay(use.feature, use.day);
    const before = merged.get(key);
    merged.set(key, {
      ...use,
      count: use.count + (before?.count ?? 0),
      credits: use.credits + (before?.credits ?? 0),
    });
  }
  return [...merged.values()];
}
