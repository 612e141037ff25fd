import { type Ran, runNode, startNode } from '../run-node.ts';

/** `npm run ledger -- …` as a user starts it, in this environment and no other. */
export function startLedger(args: readonly string[], environment: Record<string, string>) {
  return startNode(['local/ledger.ts', ...args], inNoCloud(environment));
}

/** Runs it to its end. */
export function runLedger(args: readonly string[], environment: Record<string, string>): Promise<Ran> {
  return runNode(['local/ledger.ts', ...args], inNoCloud(environment));
}

function inNoCloud(environment: Record<string, string>) {
  return { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...environment };
}
