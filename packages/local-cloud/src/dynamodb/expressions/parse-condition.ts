import { isType, typeOf } from '../attribute-value.ts';
import { orderOf } from '../compare-values.ts';
import { type DynamoDbError, validationError } from '../errors.ts';
import type { Comparison, Condition, Operand } from './condition.ts';
import { type Cursor, type ExpressionKind, parseExpression } from './cursor.ts';
import { type Path, showPath } from './path.ts';
import type { Placeholders } from './placeholders.ts';

/** Parses a condition, filter or key condition. Throws a `ValidationException`. */
export function parseCondition(kind: ExpressionKind, text: string, placeholders: Placeholders): Condition {
  return parseExpression(kind, text, placeholders, either);
}

function either(cursor: Cursor): Condition {
  let left = both(cursor);
  while (cursor.skip('OR')) left = { type: 'or', left, right: both(cursor) };
  return left;
}

function both(cursor: Cursor): Condition {
  let left = negated(cursor);
  while (cursor.skip('AND')) left = { type: 'and', left, right: negated(cursor) };
  return left;
}

function negated(cursor: Cursor): Condition {
  return cursor.skip('NOT') ? { type: 'not', condition: negated(cursor) } : single(cursor);
}

function single(cursor: Cursor): Condition {
  if (cursor.next === '(') return inParentheses(cursor);
  if (cursor.isFollowedBy('(') && cursor.next !== 'SIZE') return functionCall(cursor);
  const left = operand(cursor);
  if (cursor.skip('BETWEEN')) return between(cursor, left);
  if (cursor.skip('IN')) return oneOf(cursor, left);
  return compared(cursor, left);
}

function inParentheses(cursor: Cursor): Condition {
  const start = cursor.position;
  cursor.expect('(');
  const inner = either(cursor);
  const { last_pair } = cursor;
  if (last_pair?.start === start + 1 && last_pair.end === cursor.position && cursor.next === ')') {
    throw validationError('The expression has redundant parentheses;');
  }
  cursor.expect(')');
  cursor.last_pair = { start, end: cursor.position };
  return inner;
}

const comparisons: readonly Comparison[] = ['=', '<>', '<', '<=', '>', '>='];

function compared(cursor: Cursor, left: Operand): Condition {
  const operator = comparisons.find((one) => cursor.skip(one));
  if (operator === undefined) throw cursor.syntaxError();
  const right = operand(cursor);
  assertDistinct(operator, left, right);
  if (operator !== '=' && operator !== '<>') assertTypes(operator, ['S', 'N', 'B'], left, right);
  return { type: 'compare', operator, left, right };
}

function between(cursor: Cursor, tested: Operand): Condition {
  const low = operand(cursor);
  cursor.expect('AND');
  const high = operand(cursor);
  assertTypes('BETWEEN', ['S', 'N', 'B'], tested, low, high);
  if (low.type === 'value' && high.type === 'value') assertRange(low, high);
  return { type: 'between', operand: tested, low, high };
}

type Literal = Extract<Operand, { type: 'value' }>;

function assertRange(low: Literal, high: Literal): void {
  const bounds = () => {
    const [lower, upper] = [low, high].map(({ value }) => JSON.stringify(value).replaceAll('"', ''));
    return `lower bound operand: AttributeValue: ${lower}, upper bound operand: AttributeValue: ${upper}`;
  };
  if (typeOf(low.value) !== typeOf(high.value)) {
    throw validationError(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds()}`);
  }
  if ((orderOf(low.value, high.value) ?? 0) > 0) {
    const rule = 'The BETWEEN operator requires upper bound to be greater than or equal to lower bound';
    throw validationError(`${rule}; ${bounds()}`);
  }
}

function oneOf(cursor: Cursor, tested: Operand): Condition {
  cursor.expect('(');
  const options = [operand(cursor)];
  while (cursor.skip(',')) options.push(operand(cursor));
  cursor.expect(')');
  for (const option of options) assertDistinct('IN', tested, option);
  return { type: 'in', operand: tested, options };
}

function operand(cursor: Cursor): Operand {
  if (cursor.isValue()) return { type: 'value', value: cursor.value() };
  if (!cursor.isFollowedBy('(')) return { type: 'path', path: cursor.path() };
  const name = cursor.word();
  const args = argumentsOf(cursor);
  if (name !== 'size') {
    throw known_functions.has(name)
      ? validationError(`The function is not allowed to be used this way in an expression; function: ${name}`)
      : unknownFunction(name);
  }
  const [of] = args;
  if (of === undefined || args.length !== 1) throw wrongCount(name, args);
  assertTypes(name, ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M'], of);
  return { type: 'size', of };
}

const known_functions: ReadonlySet<string> = new Set([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
]);

function functionCall(cursor: Cursor): Condition {
  const name = cursor.word();
  if (!known_functions.has(name)) throw unknownFunction(name);
  const args = argumentsOf(cursor);
  const [first, second] = args;
  if (name === 'attribute_exists' || name === 'attribute_not_exists') {
    if (first === undefined || args.length !== 1) throw wrongCount(name, args);
    return { type: 'exists', path: pathOf(name, first), wanted: name === 'attribute_exists' };
  }
  if (first === undefined || second === undefined || args.length !== 2) throw wrongCount(name, args);
  if (name === 'attribute_type') return { type: name, operand: first, name: typeName(name, second) };
  assertDistinct(name, first, second);
  if (name === 'begins_with') {
    assertTypes(name, ['S', 'B'], first, second);
    return { type: name, operand: first, argument: second };
  }
  return { type: 'contains', operand: first, argument: second };
}

function argumentsOf(cursor: Cursor): Operand[] {
  cursor.expect('(');
  const args = [operand(cursor)];
  while (cursor.skip(',')) args.push(operand(cursor));
  cursor.expect(')');
  return args;
}

function pathOf(name: string, argument: Operand): Path {
  if (argument.type === 'path') return argument.path;
  throw validationError(`Operator or function requires a document path; operator or function: ${name}`);
}

function typeName(name: string, argument: Operand): string {
  if (argument.type !== 'value' || !('S' in argument.value)) {
    const type = argument.type === 'value' ? typeOf(argument.value) : '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}';
    throw wrongType(name, type);
  }
  const { S: wanted } = argument.value;
  if (isType(wanted)) return wanted;
  const valid = '{B,NULL,SS,BOOL,L,BS,N,NS,S,M}';
  throw validationError(`Invalid attribute type name found; type: ${wanted}, valid types: ${valid}`);
}

function assertTypes(name: string, allowed: readonly string[], ...operands: readonly Operand[]): void {
  for (const one of operands) {
    if (one.type === 'value' && !allowed.includes(typeOf(one.value))) throw wrongType(name, typeOf(one.value));
  }
}

function assertDistinct(name: string, left: Operand, right: Operand): void {
  if (left.type !== 'path' || right.type !== 'path' || showPath(left.path) !== showPath(right.path)) return;
  const rule = 'The first operand must be distinct from the remaining operands for this operator or function';
  throw validationError(`${rule}; operator: ${name}, first operand: ${showPath(left.path)}`);
}

function wrongType(name: string, type: string): DynamoDbError {
  const rule = 'Incorrect operand type for operator or function';
  return validationError(`${rule}; operator or function: ${name}, operand type: ${type}`);
}

function wrongCount(name: string, args: readonly Operand[]): DynamoDbError {
  const rule = 'Incorrect number of operands for operator or function';
  return validationError(`${rule}; operator or function: ${name}, number of operands: ${args.length}`);
}

const unknownFunction = (name: string) => validationError(`Invalid function name; function: ${name}`);
