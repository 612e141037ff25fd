import { type Account, newAccount } from '../domain/account/account.ts';
import { withAccount } from '../domain/account/draft.ts';
import type { RowKey, Rows } from '../domain/account/rows.ts';
import { refusal } from '../domain/errors.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import { type Present, presentOf } from '../domain/time/present.ts';
import { rollOn } from '../domain/time/roll-forward.ts';
import type { Instant, Milliseconds } from '../domain/units.ts';
import { loadRows } from './account-rows.ts';
import { type Commit, type CommitResult, commit, empty_commit, itemsOf } from './commit.ts';
import { type Command, type DecidedGroup, decideGroup } from './decide-group.ts';
import type { AccountsOptions, Asked, Outcome } from './deps.ts';
import { getEntry } from './entries.ts';
import { AccountBusy, LedgerInconsistent, TransactionTooLarge } from './errors.ts';
import { backoff, isUncertain } from './faults.ts';

/** A command whose caller waits for the answer. */
interface Waiting extends Command {
  readonly answer: (outcome: Outcome | Asked) => void;
  readonly refuse: (error: unknown) => void;
  /** On the stopwatch. */
  readonly deadline_at: Milliseconds;
}

interface GroupOptions extends AccountsOptions {
  /** The stored account, by a consistent read; null when there is none. */
  readonly load: (account_id: string) => Promise<Account | null>;
  /** Called when nobody waits any more. */
  readonly idle: () => void;
}

/** How many commands go into one transaction. */
const group_max = 40;
/** Entries that time alone brings may be so many in a transaction with commands; more are committed before, some at a time. */
const due_entries_max = 16;
const due_entries_at_a_time = 90;
const default_deadline_ms: Milliseconds = 5_000;

/** What is there already: entries by id, and handled Stripe events. */
type Booked = Pick<Extract<CommitResult, { kind: 'cancelled' }>, 'entries' | 'markers'>;

/** What a group is decided on. */
interface Basis {
  /** As it was read; a new one where there is none. */
  readonly stored: Account;
  readonly now: Instant;
  /** Time is applied once: what decisions then ask for is added to it. */
  readonly present: Present;
  /** The rows that decisions have asked for and that are still to be read. */
  readonly asks: readonly RowKey[];
}

/** The rows were read after the account: if its version still stands, so do they. */
function withRows({ stored, now, present }: Basis, rows: Rows): Basis {
  const draft = withAccount(present.draft, { rows });
  return { stored: { ...stored, rows }, now, present: { ...present, draft }, asks: [] };
}

/**
 * The commands of one process for one account. They queue behind the commit in flight; all that wait then are decided one after
 * the other and committed together. Optimistic versions alone would have each of n callers fail n − 1 times.
 */
export class GroupCommit {
  readonly #account_id: string;
  readonly #options: GroupOptions;
  /** Commands that came together stay together. */
  #waiting: Waiting[][] = [];
  #running = false;
  /** Failures in a row: they widen the jitter. */
  #failures = 0;

  constructor(account_id: string, options: GroupOptions) {
    this.#account_id = account_id;
    this.#options = options;
  }

  /** Queues the commands; each promise ends when its command was committed, replayed or refused. */
  add(commands: readonly Command[]): Promise<Outcome | Asked>[] {
    const deadline_at = this.#options.stopwatch() + (this.#options.deadline_ms ?? default_deadline_ms);
    const unit: Waiting[] = [];
    const answers = commands.map(
      (command) =>
        new Promise<Outcome | Asked>((answer, refuse) => {
          unit.push({ ...command, answer, refuse, deadline_at });
        }),
    );
    this.#waiting.push(unit);
    if (!this.#running) void this.#run();
    return answers;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      await this.#answerAll(group).catch((error: unknown) => this.#answerEach(group, error));
    }
    this.#running = false;
    this.#options.idle();
  }

  /** Single commands as many as there are; several that came together go alone, so that they fit into one transaction. */
  #nextGroup(): Waiting[] {
    const several = this.#waiting.findIndex((unit) => unit.length !== 1);
    if (several === 0) return this.#waiting.shift() ?? [];
    const singles = several === -1 ? this.#waiting.length : several;
    return this.#waiting.splice(0, Math.min(singles, group_max)).flat();
  }

  /** One command that cannot be committed must not fail those that came with it. */
  async #answerEach(group: readonly Waiting[], error: unknown): Promise<void> {
    const [only, ...others] = group;
    if (others.length === 0) only?.refuse(error);
    else for (const waiting of group) await this.#answerAll([waiting]).catch(waiting.refuse);
  }

  /** Decides and commits until every command of the group has its answer. Answering twice has no effect. */
  async #answerAll(group: readonly Waiting[]): Promise<void> {
    let basis: Basis | null = null;
    let left: readonly Waiting[] = group;
    for (;;) {
      left = this.#withinDeadline(left);
      if (left.length === 0) return;
      try {
        basis = await this.#read(basis);
      } catch (error) {
        if (!isUncertain(error)) throw error;
        await this.#waitAfterFailure();
        continue;
      }
      [left, basis] = await this.#attempt(left, basis);
    }
  }

  /** The account, and what decisions lack of it. */
  async #read(known: Basis | null): Promise<Basis> {
    const { database, load } = this.#options;
    const basis = known ?? this.#basisOf(await load(this.#account_id));
    if (basis.asks.length === 0) return basis;
    return withRows(basis, await loadRows(database, this.#account_id, basis.stored.rows, basis.asks));
  }

  #basisOf(known: Account | null): Basis {
    const { clock, catalog } = this.#options;
    const now = clock();
    const stored = known ?? newAccount(this.#account_id, catalog, now);
    return { stored, now, present: presentOf(stored, catalog, now, due_entries_max), asks: [] };
  }

  /** One decision and, if there is something to write, one transaction: who is still without an answer, and what to go on from. */
  async #attempt(left: readonly Waiting[], basis: Basis): Promise<[readonly Waiting[], Basis | null]> {
    const { stored, now, present } = basis;
    if (present.draft.entries.length >= due_entries_max) return this.#catchUp(left, basis);
    const decided = decideGroup(stored, present, left);
    if (decided.asks.length > 0) return [left, { ...basis, asks: decided.asks }];
    if (decided.deferred.length === left.length) throw new TransactionTooLarge(this.#account_id);

    const result = await this.#commit(decided.commit, now);
    switch (result.kind) {
      case 'committed':
        return this.#committed(decided, result.account ?? stored, now);
      case 'cancelled':
        return this.#cancelled(left, stored, result, now);
      default:
        await this.#waitAfterFailure();
        return [left, null];
    }
  }

  /** Commits a part of what time has done: more has fallen due than goes into one transaction with the commands. */
  async #catchUp(
    left: readonly Waiting[],
    { stored, now, present: { draft, at, catalog } }: Basis,
  ): Promise<[readonly Waiting[], Basis | null]> {
    const { account, entries } = rollOn(draft, catalog, at, due_entries_at_a_time);
    // As of the newest of them: what is still to come has its own time.
    const result = await this.#commit({ ...empty_commit, account, entries }, account.updated_at);
    if (result.kind === 'committed') return [left, this.#basisOf(result.account)];
    if (result.kind === 'cancelled') return this.#cancelled(left, stored, result, now);
    await this.#waitAfterFailure();
    return [left, null];
  }

  async #commit(work: Commit, now: Instant): Promise<CommitResult> {
    if (itemsOf(work) === 0) return { kind: 'committed', account: null };
    return commit(this.#options.database, work, { ...this.#options, now });
  }

  async #committed(
    { commit: written, accepted, refused, asking, deferred }: DecidedGroup<Waiting>,
    account: Account,
    now: Instant,
  ): Promise<[readonly Waiting[], Basis]> {
    this.#failures = 0;
    for (const { command, entry, account: after } of accepted) {
      command.answer({ account: { ...after, version: account.version }, entry, replayed: false, now });
    }
    for (const { command, question } of asking) command.answer({ question });
    await Promise.all(
      refused.map(({ command, error }) =>
        // The others have been committed: that the ledger cannot be read concerns this one alone.
        this.#refuseUnlessBooked(command, error, account, now).catch(command.refuse),
      ),
    );
    const booked = {
      entries: new Map(written.entries.map((entry) => [entry.entry_id, entry])),
      markers: new Set(written.markers.map(({ event_id }) => event_id)),
    };
    const left = deferred.filter((command) => !this.#replay(command, booked, account, now));
    return [left, this.#basisOf(account)];
  }

  /** A refused command may be a retry of one that succeeded and spent the credits: then its entry is the answer. */
  async #refuseUnlessBooked(command: Waiting, refusal: Error, account: Account, now: Instant): Promise<void> {
    const { entry_id } = command;
    const entry = entry_id === null ? null : await getEntry(this.#options.database, this.#account_id, entry_id);
    if (entry === null) command.refuse(refusal);
    else this.#answerAgain(command, entry, account, now);
  }

  async #cancelled(
    left: readonly Waiting[],
    attempted: Account,
    { newer, is_current, ...booked }: Extract<CommitResult, { kind: 'cancelled' }>,
    now: Instant,
  ): Promise<[readonly Waiting[], Basis | null]> {
    const still_left = left.filter((command) => !this.#replay(command, booked, newer ?? attempted, now));
    if (still_left.length === left.length) {
      if (is_current) this.#failOnInconsistency(booked.entries);
      // After a wait, what came back is old news: a fresh read costs less than one more transaction that fails.
      await this.#waitAfterFailure();
      return [still_left, null];
    }
    return [still_left, newer === null ? null : this.#basisOf(newer)];
  }

  /** Answers a command whose entry or marker is there already; false when neither is. */
  #replay(command: Waiting, { entries, markers }: Booked, account: Account, now: Instant): boolean {
    const entry = command.entry_id === null ? undefined : entries.get(command.entry_id);
    if (entry !== undefined) this.#answerAgain(command, entry, account, now);
    else if (command.marker !== undefined && markers.has(command.marker.event_id)) {
      command.answer({ account, entry: null, replayed: true, now });
    } else return false;
    return true;
  }

  #answerAgain(command: Waiting, entry: Entry, account: Account, now: Instant): void {
    const { fingerprint, other_request = () => refusal('idempotency_key_reused', {}) } = command;
    if (entry.fingerprint !== fingerprint) command.refuse(other_request());
    else command.answer({ account, entry, replayed: true, now });
  }

  /** Entries that exist, none of a command, though the account was at the version decided on. */
  #failOnInconsistency(entries: ReadonlyMap<string, Entry>): void {
    const [entry_id] = entries.keys();
    if (entry_id !== undefined) throw new LedgerInconsistent(this.#account_id, entry_id);
  }

  #withinDeadline(waiting: readonly Waiting[]): readonly Waiting[] {
    if (this.#failures === 0) return waiting;
    const now = this.#options.stopwatch();
    return waiting.filter((command) => {
      const in_time = now < command.deadline_at;
      if (!in_time) command.refuse(new AccountBusy());
      return in_time;
    });
  }

  async #waitAfterFailure(): Promise<void> {
    this.#failures += 1;
    await this.#options.wait(backoff(this.#failures, this.#options.random));
  }
}
