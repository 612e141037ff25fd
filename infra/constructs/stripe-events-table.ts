import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';
import { BillingTable } from './billing-table.ts';

/**
 * The outcome of each Stripe event. Markers are removed 90 days after they were written; Stripe's
 * own list reaches 30 days back.
 */
export class StripeEventsTable extends BillingTable {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      stage,
      variable: variables.stripe_events_table,
      partitionKey: { name: 'event_id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expires_at',
      globalSecondaryIndexes: [
        {
          indexName: 'by_quarantine',
          partitionKey: { name: 'quarantine', type: AttributeType.STRING },
          sortKey: { name: 'created_at', type: AttributeType.NUMBER },
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: ['type', 'outcome', 'reason', 'account_id'],
        },
      ],
    });
  }

  /** Reads and writes the markers of events. */
  grantMark(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:GetItem', 'dynamodb:PutItem']);
  }

  /** Finds out which events have no marker, and keeps how far that was looked into. */
  grantCompare(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']);
  }

  /** Lists the events that could not be placed. */
  grantQueryQuarantine(fn: BillingFunction): void {
    this.allow(fn, ['dynamodb:Query'], 'by_quarantine');
  }
}
