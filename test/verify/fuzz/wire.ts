/** A request as it goes over the wire. Its texts have one character per byte. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface WireAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The server of HTTP could not read the request: nothing behind it has seen it. */
  readonly is_unread?: boolean;
}

/** What a token says. */
export interface TokenWish {
  readonly account_id: string;
  readonly scope?: string;
  /** Seconds from now; in the past when negative. */
  readonly expires_in?: number;
  readonly claims?: Record<string, unknown>;
}

/** The system under test, in process or over HTTP. */
export interface Api {
  readonly level: 'in-process' | 'over-http';
  send(request: WireRequest): Promise<WireAnswer>;
  /** A JWT of the issuer that the API trusts. */
  token(wish: TokenWish): Promise<string>;
  /** The claim of users' tokens that names their account. */
  readonly account_claim: string;
  /** What must never be seen from outside. */
  readonly secrets: readonly string[];
  /** What the functions have written since it was asked last. */
  takeLog(): string;
  /** The Stripe-Signature of a body, where the webhook's secret is known. */
  sign(body: Buffer): Promise<string>;
  /**
   * Begins a sequence: where that can be done, at the same moment and without subscriptions of
   * earlier ones.
   */
  begin(): Promise<void>;
  /** Lets time pass for the system. */
  wait(ms: number): Promise<void>;
  /**
   * Pays a checkout session, unless it is none or was paid before, and lets what follows happen.
   */
  pay(session_id: string): Promise<void>;
  close(): Promise<void>;
}
