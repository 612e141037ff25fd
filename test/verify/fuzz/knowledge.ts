import { findCanaries } from './canary.ts';

/** A text that says whose data it is of. */
interface Mark {
  readonly text: string;
  readonly owner: string;
}

/**
 * What may be told of which account, in one run: its own canaries and the ids of its own holds, and
 * those that somebody has brought there. An account that is nobody's in particular (`free`,
 * `__proto__`) is met by sequence after sequence, and by other runs on the same database.
 */
export class Knowledge {
  readonly #run: string;
  readonly #owners_of_holds = new Map<string, string>();
  readonly #brought = new Set<string>();

  /** `run` is what the names of all owners of this run begin with. */
  constructor(run: string) {
    this.#run = run;
  }

  /** Somebody says this in a request about the owner's account. */
  bring(owner: string, said: string): void {
    for (const mark of this.#marksIn(said)) {
      if (mark.owner !== owner) this.#brought.add(`${owner} ${mark.text}`);
    }
  }

  /** The owner's account was answered this: holds that are new are its own. */
  learn(owner: string, answered: string): void {
    for (const id of holdIdsIn(answered)) {
      if (!this.#owners_of_holds.has(id)) this.#owners_of_holds.set(id, owner);
    }
  }

  /** What somebody who asks about the owner's account must not be told. */
  foreignIn(owner: string, answered: string): string[] {
    return this.#marksIn(answered)
      .filter((mark) => mark.owner !== owner && !this.#brought.has(`${owner} ${mark.text}`))
      .map(({ text }) => text);
  }

  #marksIn(text: string): Mark[] {
    const canaries = findCanaries(text).filter(({ owner }) => owner.startsWith(this.#run));
    const holds = holdIdsIn(text).flatMap((id): Mark[] => {
      const owner = this.#owners_of_holds.get(id);
      return owner === undefined ? [] : [{ text: id, owner }];
    });
    return [...canaries.map(({ canary, owner }) => ({ text: canary, owner })), ...holds];
  }
}

function holdIdsIn(text: string): string[] {
  return [...text.matchAll(/hold_[\w-]{22}/g)].map(([id]) => id);
}
