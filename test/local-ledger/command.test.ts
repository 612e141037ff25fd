import { describe, expect, test } from 'vitest';
import { parseCommand, WrongCommand } from '../../local/ledger/command.ts';

describe('a command line', () => {
  test.each([
    [['export', 'u_1'], { action: 'export', account_id: 'u_1', format: 'jsonl' }],
    [['export', 'u_1', '--format', 'csv'], { action: 'export', account_id: 'u_1', format: 'csv' }],
    [['--format=jsonl', 'export', 'u_1'], { action: 'export', account_id: 'u_1', format: 'jsonl' }],
    [['verify', 'u_1'], { action: 'verify', account_id: 'u_1' }],
    [['verify', '--', '-u_1'], { action: 'verify', account_id: '-u_1' }],
    [['--help'], { action: 'help' }],
    [['export', '-h'], { action: 'help' }],
  ])('%j is a command', (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  test.each([
    [[], 'export or verify?'],
    [['print', 'u_1'], 'unknown command print'],
    [['export'], 'which account?'],
    [['verify', ''], 'which account?'],
    [['export', 'u_1', 'u_2'], 'one account at a time'],
    [['export', 'u_1', '--format', 'xml'], 'unknown format xml: jsonl or csv'],
    [['export', 'u_1', '--format'], '--format'],
    [['export', 'u_1', '--colour'], "Unknown option '--colour'"],
    [['verify', 'u_1', '--format', 'csv'], 'verify has no --format'],
  ])('%j is refused with the reason and the usage', (args, reason) => {
    expect(() => parseCommand(args)).toThrow(WrongCommand);
    expect(() => parseCommand(args)).toThrow(reason);
    expect(() => parseCommand(args)).toThrow('export <account>');
  });
});
