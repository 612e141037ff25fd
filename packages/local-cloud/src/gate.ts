/** The gate is shut: whoever asked must ask again when there is another. */
export class GateShut extends Error {
  constructor() {
    super('the gate is shut');
    this.name = 'GateShut';
  }
}

/** Lets work through, or holds what comes new back until it is opened again. */
export class Gate {
  #inside = 0;
  #opened: PromiseWithResolvers<void> | null = null;
  #is_shut = false;
  #onLeave: () => void = () => {};

  /** Does the work once the gate is open. Throws `GateShut`, also for work that ends too late. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    while (this.#opened !== null) await this.#opened.promise;
    this.#refuseWhenShut();
    this.#inside += 1;
    try {
      const done = await work();
      this.#refuseWhenShut();
      return done;
    } finally {
      this.#inside -= 1;
      this.#onLeave();
    }
  }

  /** Holds back what comes from now on; resolves when all that was inside has left. */
  async close(): Promise<void> {
    if (!this.#is_shut) this.#opened ??= Promise.withResolvers();
    while (this.#inside > 0) {
      await new Promise<void>((resolve) => {
        this.#onLeave = resolve;
      });
    }
  }

  open(): void {
    this.#opened?.resolve();
    this.#opened = null;
  }

  /** For good: turns away what waits, what comes, and what is still inside when it ends. */
  shut(): void {
    this.#is_shut = true;
    this.open();
  }

  #refuseWhenShut(): void {
    if (this.#is_shut) throw new GateShut();
  }
}
