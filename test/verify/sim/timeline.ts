interface Happening {
  readonly at: number;
  /** Those of one moment happen in the order in which they were planned. */
  readonly order: number;
  readonly happens: () => void;
}

/**
 * Virtual time: nothing passes but what is planned, one thing after the other. After each, every
 * promise that it settled runs to its next wait before the next thing happens, so a run is a
 * function of its seed.
 */
export class Timeline {
  now: number;
  #planned = 0;
  readonly #heap: Happening[] = [];

  constructor(start: number) {
    this.now = start;
  }

  /** Plans something for so many milliseconds from now, whole ones as clocks have them. */
  after(ms: number, happens: () => void): void {
    this.#planned += 1;
    const one = { at: this.now + Math.max(0, Math.ceil(ms)), order: this.#planned, happens };
    const heap = this.#heap;
    let place = heap.push(one) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, one)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = one;
  }

  /** Resolves so many milliseconds from now. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets everything happen that is planned, and what it plans in turn, until it is over. */
  async run(isOver: () => boolean): Promise<void> {
    for (let next = this.#take(); next !== undefined && !isOver(); next = this.#take()) {
      this.now = next.at;
      next.happens();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #take(): Happening | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
      if (left === undefined) break;
      const is_right = right !== undefined && isBefore(right, left);
      const child = is_right ? right : left;
      if (isBefore(last, child)) break;
      heap[place] = child;
      place = 2 * place + (is_right ? 2 : 1);
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
