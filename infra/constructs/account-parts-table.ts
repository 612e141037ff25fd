import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';
import { BillingTable } from './billing-table.ts';

/**
 * Rows of an account that are too many for its item: its members, its payments for packs, and how
 * much of a charge was given back. A row changes only in a transaction that changes the account as
 * well.
 */
export class AccountPartsTable extends BillingTable {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      stage,
      variable: variables.account_parts_table,
      partitionKey: { name: 'account_id', type: AttributeType.STRING },
      sortKey: { name: 'part_key', type: AttributeType.STRING },
    });
  }

  /** Reads a row. */
  grantRead(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem']);
  }

  /** Reads a row and commits its next state. A row is never deleted. */
  grantReadWrite(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem', 'dynamodb:PutItem']);
  }
}
