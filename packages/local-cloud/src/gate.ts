/** Lets work through, or holds what comes new back until it is opened again. */
export class Gate {
  #inside = 0;
  #opened: PromiseWithResolvers<void> | null = null;
  #onLeave: () => void = () => {};

  /** Does the work once the gate is open. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    while (this.#opened !== null) await this.#opened.promise;
    this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
      this.#onLeave();
    }
  }

  /** Holds back what comes from now on; resolves when all that was inside has left. */
  async close(): Promise<void> {
    this.#opened ??= Promise.withResolvers();
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
}
