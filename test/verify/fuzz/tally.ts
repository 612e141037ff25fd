import type { Operation } from './document.ts';
import type { WireAnswer } from './wire.ts';

/** What a run has asked, and what it was answered. */
export class Tally {
  requests = 0;
  sequences = 0;
  /** Ids of the operations that were met. */
  readonly operations = new Set<string>();
  readonly statuses = new Map<number, number>();
  /** How many of its requests each operation has answered as wished, by its id. */
  readonly succeeded = new Map<string, number>();

  count(operation: Operation | undefined, { status }: WireAnswer): void {
    this.requests += 1;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (operation === undefined) return;
    this.operations.add(operation.id);
    if (status < 300) {
      this.succeeded.set(operation.id, (this.succeeded.get(operation.id) ?? 0) + 1);
    }
  }

  neverSucceeded(): string[] {
    return [...this.operations].filter((id) => !this.succeeded.has(id));
  }

  /** `200 1234, 400 567` */
  histogram(): string {
    return [...this.statuses]
      .sort(([one], [other]) => one - other)
      .map(([status, count]) => `${status} ${count}`)
      .join(', ');
  }
}
