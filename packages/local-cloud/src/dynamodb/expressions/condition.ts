import type { AttributeValue } from '../attribute-value.ts';
import type { Path } from './path.ts';

/** What a condition compares: an attribute, a value, or the size of one of them. */
export type Operand =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'value'; readonly value: AttributeValue }
  | { readonly type: 'size'; readonly of: Operand };

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A parsed condition, with what the placeholders stand for in place. */
export type Condition =
  | { readonly type: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly type: 'not'; readonly condition: Condition }
  | { readonly type: 'compare'; readonly operator: Comparison; readonly left: Operand; readonly right: Operand }
  | { readonly type: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly type: 'in'; readonly operand: Operand; readonly options: readonly Operand[] }
  | { readonly type: 'exists'; readonly path: Path; readonly wanted: boolean }
  | { readonly type: 'attribute_type'; readonly operand: Operand; readonly name: string }
  | { readonly type: 'begins_with' | 'contains'; readonly operand: Operand; readonly argument: Operand };

/** The names of the attributes that the condition reads. */
export function namesIn(condition: Condition): string[] {
  switch (condition.type) {
    case 'and':
    case 'or':
      return [...namesIn(condition.left), ...namesIn(condition.right)];
    case 'not':
      return namesIn(condition.condition);
    case 'exists':
      return [condition.path[0]];
    default:
      return operandsOf(condition).flatMap(nameIn);
  }
}

function operandsOf(condition: Exclude<Condition, { type: 'and' | 'or' | 'not' | 'exists' }>): readonly Operand[] {
  switch (condition.type) {
    case 'compare':
      return [condition.left, condition.right];
    case 'between':
      return [condition.operand, condition.low, condition.high];
    case 'in':
      return [condition.operand, ...condition.options];
    case 'attribute_type':
      return [condition.operand];
    default:
      return [condition.operand, condition.argument];
  }
}

function nameIn(operand: Operand): string[] {
  if (operand.type === 'size') return nameIn(operand.of);
  return operand.type === 'path' ? [operand.path[0]] : [];
}
