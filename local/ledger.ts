import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import type { LedgerProblem } from '../shared/domain/ledger/verify.ts';
import type { Database } from '../shared/store/database.ts';
import { AccountBusy } from '../shared/store/errors.ts';
import { hasLedger } from '../shared/store/ledger-head.ts';
import { verifyLedger } from '../shared/store/verify-ledger.ts';
import { type Command, parseCommand, usage, WrongCommand } from './ledger/command.ts';
import { exportLedger } from './ledger/export-ledger.ts';
import { LocalCloudNotFound, openTables } from './ledger/open-tables.ts';
import { WrongOption } from './options.ts';

/**
 * `npm run ledger`: exports or verifies the ledger of one account, straight from the tables. Exit
 * code 1 means that something is wrong.
 */

// A reader that stops early, as `head` does, has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const print = (line: string) => process.stdout.write(`${printable(line)}\n`);
const warn = (line: string) => process.stderr.write(`${printable(line)}\n`);

/** Ledgers hold text of callers. Control characters in it must not reach a terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Neither the account nor a row of it exists. */
class UnknownAccount extends Error {
  constructor(account_id: string) {
    super(`there is no account ${account_id}`);
    this.name = 'UnknownAccount';
  }
}

function printProblem({ seq, entry_id, problem, detail }: LedgerProblem): void {
  const row = [...(seq === null ? [] : [`seq ${seq}`]), ...(entry_id === null ? [] : [entry_id])];
  print(`${row.length === 0 ? 'the account' : row.join(' ')}: ${problem}: ${detail}`);
}

async function verify(database: Database, account_id: string): Promise<boolean> {
  let problems = 0;
  const report = (problem: LedgerProblem) => {
    problems += 1;
    process.exitCode = 1;
    printProblem(problem);
  };
  const { ok, entries, balance } = await verifyLedger(database, account_id, {
    wait: (ms) => wait(ms),
    report,
    whole_table: true,
  });
  print(`${account_id}: ${ok ? 'ok' : `${problems} problems`}, ${entries} entries, balance ${balance}`);
  return ok;
}

/** Runs the command. Answers whether all is well. */
async function run(command: Command): Promise<boolean> {
  if (command.action === 'help') {
    process.stdout.write(`${usage}\n`);
    return true;
  }
  const { account_id } = command;
  const database = await openTables();
  try {
    if (!(await hasLedger(database, account_id))) throw new UnknownAccount(account_id);
    if (command.action === 'verify') return await verify(database, account_id);
    const { format } = command;
    return await exportLedger(database, { account_id, format, output: process.stdout, warn, wait: (ms) => wait(ms) });
  } finally {
    database.client.destroy();
  }
}

/** Failures that need no stack trace: their message explains them. */
const explained = [WrongCommand, WrongOption, LocalCloudNotFound, UnknownAccount];

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (explained.some((type) => error instanceof type)) return error.message;
  if (error instanceof AccountBusy) return `the database does not answer: ${messageOf(error.cause)}`;
  if (error instanceof DynamoDBServiceException) return `DynamoDB refuses: ${error.name}: ${error.message}`;
  // An error that the SDK throws before it sends anything.
  const is_unset = error.name === 'CredentialsProviderError' || error.message === 'Region is missing';
  if (is_unset) return `${error.message}: set them as for the AWS CLI, for example AWS_PROFILE and AWS_REGION`;
  return error.stack ?? error.message;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

try {
  process.exitCode = (await run(parseCommand(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
