import { z } from 'zod';
import { attributeOf } from '../attribute-value.ts';
import { readUnits, showCapacity, type Units } from '../capacity.ts';
import { areEqual } from '../compare-values.ts';
import { type Operation, tableNamed } from '../engine.ts';
import { validationError } from '../errors.ts';
import { namesIn } from '../expressions/condition.ts';
import { toKeyRange } from '../expressions/key-condition.ts';
import { parseCondition } from '../expressions/parse-condition.ts';
import { Placeholders } from '../expressions/placeholders.ts';
import { readInput } from '../input.ts';
import { type KeySchema, keyAttributes, partitionOf } from '../keys.ts';
import { last_part, type Position } from '../sorted-rows.ts';
import type { Index, Table } from '../table.ts';
import { type Page, readPage, readStartKey } from './read-page.ts';
import {
  indexOf,
  parseSelection,
  readsTable,
  type Selection,
  type SelectionInput,
  selectionFields,
} from './selection.ts';

const querySchema = z.object({
  ...selectionFields,
  KeyConditionExpression: z.string().optional(),
  ScanIndexForward: z.boolean().default(true),
});

export const query: Operation = (engine, input) => {
  const read = readInput(querySchema, input);
  const placeholders = new Placeholders(read);
  if (read.KeyConditionExpression === undefined) {
    const rule = 'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.';
    throw validationError(rule);
  }
  const condition = parseCondition('KeyConditionExpression', read.KeyConditionExpression, placeholders);
  const selection = parseSelection(read, placeholders);
  placeholders.assertAllUsed();
  const table = tableNamed(engine, read.TableName);
  const index = indexOf(table, read, selection);
  const key = index === null ? table.schema.key : index.schema.key;
  assertFiltersNoKey(selection, key);
  const range = toKeyRange(condition, key);
  const start_key = read.ExclusiveStartKey === undefined ? null : readStartKey(read.ExclusiveStartKey, table, index);
  const start = start_key && attributeOf(start_key, key.partition.name);
  if (start && !areEqual(start, range.partition)) {
    throw validationError('The provided starting key is outside query boundaries based on provided conditions');
  }
  const partition = partitionOf(range.partition);
  const page = readPage({
    table,
    index,
    from: [partition, range.from],
    to: [partition, range.to],
    is_reverse: !read.ScanIndexForward,
    start_key,
    limit: read.Limit ?? null,
    ...selection,
    reads_table: readsTable(index, read, selection),
  });
  return showPage(page, read, table, index);
};

function assertFiltersNoKey({ filter }: Selection, key: KeySchema): void {
  const filtered = new Set(filter === null ? [] : namesIn(filter));
  for (const { name } of keyAttributes(key)) {
    if (!filtered.has(name)) continue;
    const rule = 'Filter Expression can only contain non-primary key attributes';
    throw validationError(`${rule}: Primary key attribute: ${name}`);
  }
}

const scanSchema = z.object({
  ...selectionFields,
  Segment: z.number().int().min(0).max(999_999).optional(),
  TotalSegments: z.number().int().min(1).max(1_000_000).optional(),
});

export const scan: Operation = (engine, input) => {
  const read = readInput(scanSchema, input);
  const placeholders = new Placeholders(read);
  const { FilterExpression, ProjectionExpression } = read;
  if (FilterExpression === undefined && ProjectionExpression === undefined) placeholders.assertNone();
  const selection = parseSelection(read, placeholders);
  placeholders.assertAllUsed();
  const table = tableNamed(engine, read.TableName);
  const index = indexOf(table, read, selection);
  const [from, to] = segmentOf(read);
  const page = readPage({
    table,
    index,
    from,
    to,
    is_reverse: false,
    start_key: read.ExclusiveStartKey === undefined ? null : readStartKey(read.ExclusiveStartKey, table, index),
    limit: read.Limit ?? null,
    ...selection,
    reads_table: readsTable(index, read, selection),
  });
  return showPage(page, read, table, index);
};

/** Segments split the hashes of the partitions, which positions begin with. */
function segmentOf({ Segment, TotalSegments }: z.output<typeof scanSchema>): [Position, Position] {
  if (Segment === undefined && TotalSegments === undefined) return [[], [last_part]];
  if (Segment === undefined || TotalSegments === undefined) {
    const [missing, given] = Segment === undefined ? ['Segment', 'TotalSegments'] : ['TotalSegments', 'Segment'];
    throw validationError(
      `The ${missing} parameter is required but was not present in the request when ${given} parameter is present`,
    );
  }
  if (Segment >= TotalSegments) {
    const rule = 'The Segment parameter is zero-based and must be less than parameter TotalSegments';
    throw validationError(`${rule}: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`);
  }
  const border = (segment: number) =>
    Math.floor((segment / TotalSegments) * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return [[border(Segment)], [Segment + 1 === TotalSegments ? last_part : border(Segment + 1)]];
}

function showPage(page: Page, input: SelectionInput, table: Table, index: Index | null): object {
  const cost = readUnits(page.bytes, input.ConsistentRead ? 'consistent' : 'eventual');
  const units: Units =
    index === null ? { table: cost, indexes: new Map() } : { table: 0, indexes: new Map([[index.schema.name, cost]]) };
  return {
    ...(input.Select !== 'COUNT' && { Items: page.items }),
    Count: page.items.length,
    ScannedCount: page.scanned,
    ...(page.last_key !== null && { LastEvaluatedKey: page.last_key }),
    ...showCapacity(input.ReturnConsumedCapacity, table, units),
  };
}
