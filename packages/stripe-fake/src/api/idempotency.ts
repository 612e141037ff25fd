import { createHash } from 'node:crypto';
import { StripeApiError } from './errors.ts';

export interface Answer {
  status: number;
  body: string;
}

interface Remembered {
  fingerprint: string;
  /** Null while the first request is still running. */
  answer: Answer | null;
  /** Virtual milliseconds. */
  at: number;
}

type SavedKey = Remembered & { key: string; answer: Answer };

/** Stripe may forget a key after a day. @see https://docs.stripe.com/api/idempotent_requests */
const REMEMBERED_MS = 24 * 3600 * 1000;

/** What was answered to each `Idempotency-Key`. */
export class Idempotency {
  readonly #keys = new Map<string, Remembered>();

  /** The keys whose requests have been answered. */
  save(): SavedKey[] {
    return [...this.#keys].flatMap(([key, { answer, ...rest }]) => (answer === null ? [] : [{ key, answer, ...rest }]));
  }

  restore(saved: readonly SavedKey[]): void {
    for (const { key, ...remembered } of saved) this.#keys.set(key, remembered);
  }

  /**
   * Runs `work` once per key; it says itself whether its answer is to be remembered.
   * @throws StripeApiError 400 `idempotency_error` for a key that came with other parameters, 409
   * while it is in use.
   */
  async run(
    { key, request, now }: { key: string; request: string; now: number },
    work: () => Promise<Answer & { remember: boolean }>,
  ): Promise<Answer & { replayed: boolean }> {
    const fingerprint = createHash('sha256').update(request).digest('hex');
    const known = this.#keys.get(key);
    if (known !== undefined && now - known.at < REMEMBERED_MS) {
      if (known.fingerprint !== fingerprint) throw reusedKey(key);
      if (known.answer === null) throw keyInUse(key);
      return { ...known.answer, replayed: true };
    }
    const entry: Remembered = { fingerprint, answer: null, at: now };
    this.#keys.set(key, entry);
    const { remember, ...answer } = await work();
    if (remember) entry.answer = answer;
    else this.#keys.delete(key);
    return { ...answer, replayed: false };
  }
}

function reusedKey(key: string): StripeApiError {
  const message = `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`;
  return new StripeApiError(400, 'idempotency_error', message);
}

function keyInUse(key: string): StripeApiError {
  const message = `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`;
  return new StripeApiError(409, 'idempotency_error', message, { code: 'idempotency_key_in_use' });
}
