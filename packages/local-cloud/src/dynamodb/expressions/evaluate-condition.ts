import { type AttributeValue, type Item, typeOf } from '../attribute-value.ts';
import { areEqual, orderOf } from '../compare-values.ts';
import { sizeOf } from '../item-size.ts';
import type { Comparison, Condition, Operand } from './condition.ts';
import { valueAt } from './path.ts';

/** Whether the item fulfils the condition. An item that does not exist has no attribute. */
export function fulfils(item: Item, condition: Condition): boolean {
  switch (condition.type) {
    case 'and':
      return fulfils(item, condition.left) && fulfils(item, condition.right);
    case 'or':
      return fulfils(item, condition.left) || fulfils(item, condition.right);
    case 'not':
      return !fulfils(item, condition.condition);
    case 'exists':
      return (valueAt(item, condition.path) !== undefined) === condition.wanted;
    case 'compare':
      return isTrue(condition.operator, valueIn(item, condition.left), valueIn(item, condition.right));
    case 'between': {
      const tested = valueIn(item, condition.operand);
      return isTrue('>=', tested, valueIn(item, condition.low)) && isTrue('<=', tested, valueIn(item, condition.high));
    }
    case 'in': {
      const tested = valueIn(item, condition.operand);
      return condition.options.some((option) => isTrue('=', tested, valueIn(item, option)));
    }
    case 'attribute_type': {
      const tested = valueIn(item, condition.operand);
      return tested !== undefined && typeOf(tested) === condition.name;
    }
    default: {
      const tested = valueIn(item, condition.operand);
      const argument = valueIn(item, condition.argument);
      if (tested === undefined || argument === undefined) return false;
      return condition.type === 'contains' ? contains(tested, argument) : beginsWith(tested, argument);
    }
  }
}

function valueIn(item: Item, operand: Operand): AttributeValue | undefined {
  if (operand.type === 'value') return operand.value;
  if (operand.type === 'path') return valueAt(item, operand.path);
  const value = valueIn(item, operand.of);
  const size = value && sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

function isTrue(operator: Comparison, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (left === undefined || right === undefined) return operator === '<>' && left !== right;
  if (operator === '=') return areEqual(left, right);
  if (operator === '<>') return !areEqual(left, right);
  const order = orderOf(left, right);
  if (order === undefined) return false;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function contains(value: AttributeValue, part: AttributeValue): boolean {
  if ('S' in value) return 'S' in part && value.S.includes(part.S);
  if ('B' in value) return 'B' in part && bytes(value.B).includes(bytes(part.B));
  if ('SS' in value) return 'S' in part && value.SS.includes(part.S);
  if ('NS' in value) return 'N' in part && value.NS.includes(part.N);
  if ('BS' in value) return 'B' in part && value.BS.includes(part.B);
  return 'L' in value && value.L.some((one) => areEqual(one, part));
}

function beginsWith(value: AttributeValue, start: AttributeValue): boolean {
  if ('S' in value) return 'S' in start && value.S.startsWith(start.S);
  return 'B' in value && 'B' in start && bytes(value.B).startsWith(bytes(start.B));
}

const bytes = (base64: string) => Buffer.from(base64, 'base64').toString('latin1');
