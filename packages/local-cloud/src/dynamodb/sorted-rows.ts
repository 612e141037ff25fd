/** Where a row stands: rows sort by the first part, then by the second and so on, by code units. */
export type Position = readonly string[];

interface Row<T> {
  readonly position: Position;
  readonly value: T;
}

/** After every position that begins with the parts before it. */
export const last_part = '\uffff';

/** Rows in the order of their positions. */
export class SortedRows<T> {
  readonly #rows: Row<T>[] = [];

  get size(): number {
    return this.#rows.length;
  }

  get(position: Position): T | undefined {
    const row = this.#rows[this.#firstFrom(position)];
    return row !== undefined && comparePositions(row.position, position) === 0 ? row.value : undefined;
  }

  /** Puts the value at the position, or takes away what is there when it is undefined. */
  set(position: Position, value: T | undefined): void {
    const at = this.#firstFrom(position);
    const row = this.#rows[at];
    const replaced = row !== undefined && comparePositions(row.position, position) === 0 ? 1 : 0;
    if (value !== undefined) this.#rows.splice(at, replaced, { position, value });
    else this.#rows.splice(at, replaced);
  }

  /** The rows from `from` on and before `to`, in order or from the back. */
  *between(from: Position, to: Position, is_reverse = false): Generator<Row<T>> {
    const [first, end] = [this.#firstFrom(from), this.#firstFrom(to)];
    for (let step = 0; step < end - first; step += 1) {
      const row = this.#rows[is_reverse ? end - 1 - step : first + step];
      if (row !== undefined) yield row;
    }
  }

  #firstFrom(position: Position): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = this.#rows[middle];
      if (row !== undefined && comparePositions(row.position, position) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function comparePositions(one: Position, two: Position): number {
  const shared = Math.min(one.length, two.length);
  for (let at = 0; at < shared; at += 1) {
    const [a = '', b = ''] = [one[at], two[at]];
    if (a !== b) return a < b ? -1 : 1;
  }
  return one.length - two.length;
}
