import { z } from 'zod';
import { invalidParameter, validationError } from '../errors.ts';
import type { Condition } from '../expressions/condition.ts';
import { parseCondition } from '../expressions/parse-condition.ts';
import type { Path } from '../expressions/path.ts';
import type { Placeholders } from '../expressions/placeholders.ts';
import { parseProjection } from '../expressions/projection.ts';
import { consumedCapacity, itemField, placeholderFields, tableName } from '../input.ts';
import { keyAttributes } from '../keys.ts';
import type { Index, Table } from '../table.ts';

/** Fields that Query and Scan have in common. */
export const selectionFields = {
  TableName: tableName,
  IndexName: z.string().optional(),
  Select: z.enum(['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES']).optional(),
  Limit: z.number().int().min(1).optional(),
  ConsistentRead: z.boolean().default(false),
  ExclusiveStartKey: itemField.optional(),
  FilterExpression: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  ReturnConsumedCapacity: consumedCapacity,
  ...placeholderFields,
};

const selectionSchema = z.object(selectionFields);
export type SelectionInput = z.output<typeof selectionSchema>;

export interface Selection {
  readonly filter: Condition | null;
  readonly paths: readonly Path[] | null;
}

/**
 * Parses filter and projection. Throws a `ValidationException`, also where `Select` contradicts
 * them.
 */
export function parseSelection(input: SelectionInput, placeholders: Placeholders): Selection {
  const { FilterExpression, ProjectionExpression, Select, IndexName } = input;
  const filter =
    FilterExpression === undefined ? null : parseCondition('FilterExpression', FilterExpression, placeholders);
  const paths = ProjectionExpression === undefined ? null : parseProjection(ProjectionExpression, placeholders);
  if (paths !== null && Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES') {
    throw validationError(
      `Cannot specify the ProjectionExpression when choosing to get ${Select === 'COUNT' ? 'only the Count' : Select}`,
    );
  }
  if (paths === null && Select === 'SPECIFIC_ATTRIBUTES') {
    throw validationError(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (Select === 'ALL_PROJECTED_ATTRIBUTES' && IndexName === undefined) {
    throw invalidParameter('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  return { filter, paths };
}

/**
 * The index that the request names, or null. Throws a `ValidationException` for one that cannot
 * answer it.
 */
export function indexOf(table: Table, input: SelectionInput, { paths }: Selection): Index | null {
  const { IndexName: name, ConsistentRead, Select } = input;
  if (name === undefined) return null;
  const index = table.indexes.get(name);
  if (index === undefined) throw validationError(`The table does not have the specified index: ${name}`);
  const { is_global, projected } = index.schema;
  if (!is_global) return index;
  if (ConsistentRead) throw validationError('Consistent reads are not supported on global secondary indexes');
  if (projected === 'ALL') return index;
  if (Select === 'ALL_ATTRIBUTES') {
    const why = `Select type ALL_ATTRIBUTES is not supported for global secondary index ${name}`;
    throw invalidParameter(`${why} because its projection type is not ALL`);
  }
  const held = new Set([...keyAttributes(table.schema.key), ...keyAttributes(index.schema.key)].map((key) => key.name));
  for (const attribute of projected) held.add(attribute);
  const lacking = (paths ?? []).map(([first]) => first).filter((first) => !held.has(first));
  if (lacking.length > 0) {
    throw invalidParameter(`Global secondary index ${name} does not project [${lacking.join(', ')}]`);
  }
  return index;
}

/**
 * Whether the table's own items are read: a local index answers for attributes that it does not
 * hold.
 */
export function readsTable(index: Index | null, { Select }: SelectionInput, { paths }: Selection): boolean {
  if (index === null || index.schema.is_global || index.schema.projected === 'ALL') return false;
  return Select === 'ALL_ATTRIBUTES' || paths !== null;
}
