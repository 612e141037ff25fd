import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';
import { BillingTable } from './billing-table.ts';

/**
 * First answers of idempotent requests that write no ledger entry. They are kept for ever, as
 * ledger entries are.
 */
export class RequestsTable extends BillingTable {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      stage,
      variable: variables.requests_table,
      partitionKey: { name: 'account_id', type: AttributeType.STRING },
      sortKey: { name: 'request_key', type: AttributeType.STRING },
    });
  }

  /** Keeps an answer, and reads it again. */
  grantRemember(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem', 'dynamodb:PutItem']);
  }
}
