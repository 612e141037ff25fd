import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';
import { BillingTable } from './billing-table.ts';

/** One item per account, with all state that decides about its credits. */
export class AccountsTable extends BillingTable {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      stage,
      variable: variables.accounts_table,
      partitionKey: { name: 'account_id', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        {
          indexName: 'by_due',
          partitionKey: { name: 'due_shard', type: AttributeType.NUMBER },
          sortKey: { name: 'due_at', type: AttributeType.NUMBER },
          projectionType: ProjectionType.KEYS_ONLY,
        },
        {
          indexName: 'by_stripe_customer',
          partitionKey: { name: 'stripe_customer_id', type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
  }

  /** Reads an account. */
  grantRead(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem']);
  }

  /** Reads an account and commits its next version. An account is never deleted. */
  grantReadWrite(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem', 'dynamodb:PutItem']);
  }

  /** Finds the accounts that are due. */
  grantQueryDue(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:Query'], 'by_due');
  }

  /** Finds the account of a Stripe customer. */
  grantQueryStripeCustomer(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:Query'], 'by_stripe_customer');
  }
}
