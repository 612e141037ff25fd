import { Billing, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';

export interface BillingTableProps
  extends Pick<TablePropsV2, 'partitionKey' | 'sortKey' | 'globalSecondaryIndexes' | 'timeToLiveAttribute'> {
  readonly stage: Stage;
  /** The environment variable that tells functions the table's name. */
  readonly variable: string;
}

/**
 * A table on demand with point-in-time recovery. In production nobody can delete it, with its stack
 * or without.
 */
export abstract class BillingTable extends Construct {
  readonly table: TableV2;
  readonly #variable: string;

  constructor(scope: Construct, id: string, { stage, variable, ...table }: BillingTableProps) {
    super(scope, id);
    this.#variable = variable;
    this.table = new TableV2(this, 'Table', {
      ...table,
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: stage.is_production,
      removalPolicy: stage.removal_policy,
    });
  }

  /**
   * Gives a function the table's name, and these actions on the table or on one of its indexes.
   * Transactions need no action of their own: AWS authorises each part as the single operation.
   */
  protected allow(fn: BillingFunction, actions: readonly `dynamodb:${string}`[], index?: string): void {
    const resource = index ? `${this.table.tableArn}/index/${index}` : this.table.tableArn;
    fn.addEnvironment(this.#variable, this.table.tableName);
    fn.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [resource] }));
  }
}
