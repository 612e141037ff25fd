/** A step did not show what it should. */
export class UnexpectedSight extends Error {
  constructor(expected: string, seen: string) {
    super(`expected ${expected}, saw ${seen}`);
    this.name = 'UnexpectedSight';
  }
}

/**
 * Compares what was seen with what should be. Objects are compared by the expected members only.
 */
export function expectSight(seen: unknown, expected: unknown): void {
  if (!matches(seen, expected)) throw new UnexpectedSight(JSON.stringify(expected), JSON.stringify(seen) ?? 'nothing');
}

function matches(seen: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return seen === expected;
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen) !== Array.isArray(expected)) return false;
  const members = new Map(Object.entries(seen));
  if (Array.isArray(expected) && members.size !== expected.length) return false;
  return Object.entries(expected).every(([name, value]) => matches(members.get(name), value));
}

/** Prints one line per step: what was done, and what was seen. */
export class Walk {
  #steps = 0;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get steps(): number {
    return this.#steps;
  }

  /**
   * Takes a step. `see` answers what was seen. If `see` throws, the step's title is printed first.
   */
  async step(title: string, see: () => Promise<string>): Promise<void> {
    this.#steps += 1;
    const number = String(this.#steps).padStart(2);
    try {
      this.#print(`${number}  ${title}\n      ${await see()}`);
    } catch (error) {
      this.#print(
        `${number}  ${title}\n      NOT AS IT SHOULD BE: ${error instanceof Error ? error.message : String(error)}`,
      );
      throw error;
    }
  }
}
