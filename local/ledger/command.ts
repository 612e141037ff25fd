import { parseArgs } from 'node:util';

export const formats = ['jsonl', 'csv'] as const;

export type Format = (typeof formats)[number];

/** What `npm run ledger` is asked to do. */
export type Command =
  | { readonly action: 'export'; readonly account_id: string; readonly format: Format }
  | { readonly action: 'verify'; readonly account_id: string }
  | { readonly action: 'help' };

export const usage = `npm run --silent ledger -- export <account> [--format jsonl|csv]
    the whole ledger to standard output, oldest entry first
npm run --silent ledger -- verify <account>
    recomputes sums, sequence and hash chain, and names each row that is wrong: exit code 1 when there is one

Both read the tables named by ACCOUNTS_TABLE and LEDGER_TABLE (the stack's outputs AccountsTableName and LedgerTableName) with
the AWS credentials and region of the environment. Without these variables: those of the local cloud on PORT (default 4000).`;

/** The command line is wrong; the message says how. */
export class WrongCommand extends Error {
  constructor(reason: string) {
    super(`${reason}\n\n${usage}`);
    this.name = 'WrongCommand';
  }
}

/** Reads the command from the arguments. Throws `WrongCommand`. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  if (values.help) return { action: 'help' };
  const [action, account_id, ...more] = positionals;
  if (action !== 'export' && action !== 'verify') {
    throw new WrongCommand(action === undefined ? 'export or verify?' : `unknown command ${action}`);
  }
  if (account_id === undefined || account_id === '') throw new WrongCommand('which account?');
  if (more.length > 0) throw new WrongCommand(`one account at a time: ${more.join(' ')} is too much`);
  if (action === 'export') return { action, account_id, format: formatOf(values.format ?? 'jsonl') };
  if (values.format !== undefined) throw new WrongCommand('verify has no --format');
  return { action, account_id };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { format: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    // Node's message names the option, and says how to give an account that begins with a hyphen.
    if (error instanceof TypeError) throw new WrongCommand(error.message);
    throw error;
  }
}

function formatOf(given: string): Format {
  const format = formats.find((known) => known === given);
  if (format === undefined) throw new WrongCommand(`unknown format ${given}: ${formats.join(' or ')}`);
  return format;
}
