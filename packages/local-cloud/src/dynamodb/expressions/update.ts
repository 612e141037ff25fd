import { type AttributeValue, typeOf } from '../attribute-value.ts';
import { type DynamoDbError, validationError } from '../errors.ts';
import { type Cursor, parseExpression } from './cursor.ts';
import type { Path } from './path.ts';
import type { Placeholders } from './placeholders.ts';
import { assertApart } from './projection.ts';

/** What SET assigns. */
export type Term =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'value'; readonly value: AttributeValue }
  | { readonly type: 'if_not_exists'; readonly path: Path; readonly otherwise: Term }
  | { readonly type: 'list_append' | '+' | '-'; readonly left: Term; readonly right: Term };

/** One clause's action on one path. */
export type UpdateAction =
  | { readonly type: 'SET'; readonly path: Path; readonly term: Term }
  | { readonly type: 'REMOVE'; readonly path: Path }
  | { readonly type: 'ADD' | 'DELETE'; readonly path: Path; readonly value: AttributeValue };

/** Parses an update expression. Throws a `ValidationException`. */
export function parseUpdate(text: string, placeholders: Placeholders): readonly UpdateAction[] {
  return parseExpression('UpdateExpression', text, placeholders, (cursor) => {
    const actions: UpdateAction[] = [];
    const seen = new Set<string>();
    while (!cursor.atEnd) {
      const section = (['SET', 'REMOVE', 'ADD', 'DELETE'] as const).find((one) => cursor.skip(one));
      if (section === undefined) throw cursor.syntaxError();
      if (seen.has(section)) {
        throw validationError(`The "${section}" section can only be used once in an update expression;`);
      }
      seen.add(section);
      do actions.push(readAction(section, cursor));
      while (cursor.skip(','));
    }
    assertApart(actions.map(({ path }) => path));
    return actions;
  });
}

function readAction(section: UpdateAction['type'], cursor: Cursor): UpdateAction {
  const path = cursor.path();
  if (section === 'REMOVE') return { type: section, path };
  if (section === 'SET') {
    cursor.expect('=');
    return { type: section, path, term: readSum(cursor) };
  }
  const value = cursor.value();
  const allowed = section === 'ADD' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS'];
  if (!allowed.includes(typeOf(value))) {
    const rule = 'Incorrect operand type for operator or function';
    throw validationError(`${rule}; operator: ${section}, operand type: ${long_names[typeOf(value)] ?? ''}`);
  }
  return { type: section, path, value };
}

const long_names: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

function readSum(cursor: Cursor): Term {
  const left = readTerm(cursor);
  const type = (['+', '-'] as const).find((one) => cursor.skip(one));
  if (type === undefined) return left;
  const right = readTerm(cursor);
  assertType(type, 'N', left, right);
  return { type, left, right };
}

function readTerm(cursor: Cursor): Term {
  if (cursor.isValue()) return { type: 'value', value: cursor.value() };
  if (cursor.skip('(')) {
    const term = readSum(cursor);
    cursor.expect(')');
    return term;
  }
  return cursor.isFollowedBy('(') ? readCall(cursor) : { type: 'path', path: cursor.path() };
}

function readCall(cursor: Cursor): Term {
  const name = cursor.word();
  if (name !== 'if_not_exists' && name !== 'list_append') {
    throw validationError(`Invalid function name; function: ${name}`);
  }
  cursor.expect('(');
  const args = [readTerm(cursor)];
  while (cursor.skip(',')) args.push(readTerm(cursor));
  cursor.expect(')');
  const [first, second] = args;
  if (first === undefined || second === undefined || args.length !== 2) {
    const rule = 'Incorrect number of operands for operator or function';
    throw validationError(`${rule}; operator or function: ${name}, number of operands: ${args.length}`);
  }
  if (name === 'list_append') {
    assertType(name, 'L', first, second);
    return { type: name, left: first, right: second };
  }
  if (first.type !== 'path') {
    throw validationError(`Operator or function requires a document path; operator or function: ${name}`);
  }
  return { type: name, path: first.path, otherwise: second };
}

function assertType(name: string, wanted: string, ...terms: readonly Term[]): void {
  for (const term of terms) {
    if (term.type === 'value' && typeOf(term.value) !== wanted) throw wrongType(name, typeOf(term.value));
  }
}

function wrongType(name: string, type: string): DynamoDbError {
  const rule = 'Incorrect operand type for operator or function';
  return validationError(`${rule}; operator or function: ${name}, operand type: ${type}`);
}
