// What the comparison uses of the package, which is installed only when it runs: npm ci --prefix bench/postgres.
declare module 'stripe-no-webhooks' {
  import type { Pool } from 'pg';

  interface Credits {
    readonly userId: string;
    readonly key: string;
    readonly amount: number;
  }

  export function initCredits(pool: Pool): void;

  export const credits: {
    grant(grant: Credits): Promise<unknown>;
    hasCredits(wanted: Credits): Promise<boolean>;
    consume(consumed: Credits & { readonly description: string; readonly idempotencyKey: string }): Promise<unknown>;
  };
}
