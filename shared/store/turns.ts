/**
 * Runs tasks with the same key one after the other in this process, so that they do not fail each
 * other's conditions.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the task after all earlier ones with this key have ended, however they ended. */
  async take<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = before === undefined ? task() : before.then(task, task);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
