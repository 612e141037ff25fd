import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';
import { BillingTable } from './billing-table.ts';

/**
 * The entries that explain every balance. No grant allows to update or delete one. IAM would let a
 * put replace an entry; the only put, in shared/store/commit.ts, has the condition that the entry
 * does not exist.
 */
export class LedgerTable extends BillingTable {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      stage,
      variable: variables.ledger_table,
      partitionKey: { name: 'account_id', type: AttributeType.STRING },
      sortKey: { name: 'entry_id', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        {
          indexName: 'by_seq',
          partitionKey: { name: 'account_id', type: AttributeType.STRING },
          sortKey: { name: 'seq', type: AttributeType.NUMBER },
          projectionType: ProjectionType.ALL,
        },
      ],
    });
  }

  /** Appends entries. */
  grantAppend(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:PutItem']);
  }

  /**
   * Looks up single entries, such as the first answer of a refused replay, and reads an account's
   * history in the order of `seq`.
   */
  grantRead(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem']);
    this.allow(fn, ['dynamodb:Query'], 'by_seq');
  }
}
