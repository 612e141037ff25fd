import { decideFeatureOverride, type OverrideFeature } from '../../shared/domain/access/decide-feature-override.ts';
import { refusal } from '../../shared/domain/errors.ts';
import { default_priority } from '../../shared/domain/ledger/lot.ts';
import { decideDeduct } from '../../shared/domain/spend/decide-deduct.ts';
import { decideGrant, type Grant } from '../../shared/domain/spend/decide-grant.ts';
import { decideHold, type OpenHold } from '../../shared/domain/spend/decide-hold.ts';
import { decideMemberCap } from '../../shared/domain/spend/decide-member-cap.ts';
import { decideRefund } from '../../shared/domain/spend/decide-refund.ts';
import { decideRelease } from '../../shared/domain/spend/decide-release.ts';
import { decideSettle, type Settle } from '../../shared/domain/spend/decide-settle.ts';
import { decideNothing } from '../../shared/domain/time/decision.ts';
import type { Command } from '../../shared/store/accounts.ts';

/** A deduction as the deduct route makes it. */
export function deductCommand(key: string, amount: number, feature?: string, member?: string): Command {
  const entry_id = `use:${key}`;
  const fingerprint = `${amount}`;
  const deduct = { entry_id, fingerprint, amount, description: 'test', feature, member, actor: member ?? 'tester' };
  return { entry_id, fingerprint, decide: decideDeduct(deduct) };
}

/** A hold of one hour, unless it is said. */
export function holdCommand(hold_id: string, amount: number, more: Partial<OpenHold> = {}): Command {
  const entry_id = `hold:${hold_id}`;
  const fingerprint = `${amount}`;
  const by = { actor: 'tester', user: null };
  const open = { hold_id, fingerprint, amount, description: 'work', expires_in_s: 3_600, ...by, ...more };
  return { entry_id, fingerprint, decide: decideHold(open) };
}

export function settleCommand(
  hold_id: string,
  amount: number,
  if_insufficient: Settle['if_insufficient'] = 'reject',
): Command {
  const fingerprint = `${amount} ${if_insufficient}`;
  const settle = { hold_id, fingerprint, amount, if_insufficient, actor: 'tester', user: null };
  return {
    entry_id: `settle:${hold_id}`,
    fingerprint,
    other_request: () => refusal('hold_closed', { hold_id }),
    decide: decideSettle(settle),
  };
}

export function releaseCommand(hold_id: string): Command {
  return {
    entry_id: `release:${hold_id}`,
    fingerprint: null,
    decide: decideRelease({ hold_id, actor: 'tester', user: null }),
  };
}

/** A grant that never expires, unless it is said. */
export function grantCommand(key: string, amount: number, more: Partial<Grant> = {}): Command {
  const entry_id = `grant:${key}`;
  const fingerprint = `${amount}`;
  const given = { description: 'gift', expires_at: null, priority: default_priority, actor: 'service' };
  const grant = { ...given, entry_id, fingerprint, amount, ...more };
  return { entry_id, fingerprint, decide: decideGrant(grant) };
}

/** A refund of the rest of a charge, or of so much of it. */
export function refundCommand(key: string, refunds: string, amount?: number): Command {
  const entry_id = `refund:${key}`;
  const fingerprint = JSON.stringify([refunds, amount]);
  const refund = { entry_id, fingerprint, refunds, amount, actor: 'service' };
  return { entry_id, fingerprint, decide: decideRefund(refund) };
}

export function capCommand(member: string, monthly_credits: number | null): Command {
  return {
    entry_id: null,
    fingerprint: null,
    decide: decideMemberCap({ member, monthly_credits }),
  };
}

export function overrideCommand(feature: string, override: OverrideFeature['override']): Command {
  return {
    entry_id: null,
    fingerprint: null,
    decide: decideFeatureOverride({ feature, override }),
  };
}

/** What the sweep does with an account that is due. */
export function rollCommand(): Command {
  return { entry_id: null, fingerprint: null, decide: decideNothing };
}
