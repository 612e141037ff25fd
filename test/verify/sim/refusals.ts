import * as z from 'zod';
import { availableCredits } from '../../../shared/domain/account/account.ts';
import { rollForward } from '../../../shared/domain/time/roll-forward.ts';
import { statesSince, Violation } from './audited.ts';
import type { Auditor } from './auditor.ts';
import { boundBy, monthAt } from './check-members.ts';
import type { Command } from './commands.ts';

/** What clocks are apart at most, both ways, and some room. */
export const skew_ms = 11 * 60_000;

const problem = z.object({ code: z.string() });

/**
 * I5: neither credits nor a member's budget that were there all the time that a request took are
 * refused.
 */
export function checkRefusal(
  auditor: Auditor,
  { account_id, member, entry_id, needs }: Command,
  body: string,
  during: { readonly began_at: number; readonly ended_at: number },
): void {
  const { catalog } = auditor;
  const { code } = problem.parse(JSON.parse(body));
  const states = statesSince(auditor.of(account_id), during.began_at);
  if (states === null) return;
  const is_short = states.some(({ account, members }) =>
    [during.began_at - skew_ms, during.ended_at + skew_ms].some((at) => {
      const rolled = rollForward(account, catalog, at).account;
      if (code === 'member_cap_exceeded') {
        const cap = members.get(member)?.monthly_credits ?? null;
        return cap !== null && boundBy(rolled, members.get(member), monthAt(at)) + needs > cap;
      }
      const available = availableCredits(rolled, catalog, at);
      return available !== null && available < needs;
    }),
  );
  if (!is_short) throw new Violation('I5', `${entry_id} was refused ${needs} credits that were there: ${code}`);
}
