import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';
import { BillingTable } from './billing-table.ts';

/** Count and credits per account, feature and UTC day. */
export class UsageTable extends BillingTable {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      stage,
      variable: variables.usage_table,
      partitionKey: { name: 'account_id', type: AttributeType.STRING },
      sortKey: { name: 'feature_day', type: AttributeType.STRING },
    });
  }

  /** Adds to a counter. */
  grantCount(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:UpdateItem']);
  }

  /** Reads one counter, or those of a range of days. */
  grantRead(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem', 'dynamodb:Query']);
  }
}
