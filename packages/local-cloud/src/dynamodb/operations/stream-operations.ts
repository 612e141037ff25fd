import { z } from 'zod';
import { describeKey } from '../describe-table.ts';
import type { Engine, Operation } from '../engine.ts';
import { DynamoDbError, validationError } from '../errors.ts';
import { readInput } from '../input.ts';
import { fromSequenceNumber, type Stream, sequenceNumber } from '../stream.ts';
import type { Table } from '../table.ts';

/** A stream has one shard. */
const shard_id = 'shardId-00000000000000000000-00000000';

const listSchema = z.object({ TableName: z.string().optional() });

export const listStreams: Operation = (engine, input) => {
  const { TableName } = readInput(listSchema, input);
  const streams = streamsOf(engine).filter(({ stream }) => TableName === undefined || stream.table === TableName);
  return {
    Streams: streams.map(({ stream }) => ({
      StreamArn: stream.arn,
      StreamLabel: stream.label,
      TableName: stream.table,
    })),
  };
};

const describeSchema = z.object({ StreamArn: z.string() });

export const describeStream: Operation = (engine, input) => {
  const { table, stream } = streamNamed(engine, readInput(describeSchema, input).StreamArn);
  const StartingSequenceNumber = sequenceNumber(0);
  const ended = stream.is_enabled ? {} : { EndingSequenceNumber: sequenceNumber(stream.end) };
  return {
    StreamDescription: {
      StreamArn: stream.arn,
      StreamLabel: stream.label,
      TableName: stream.table,
      StreamStatus: stream.is_enabled ? 'ENABLED' : 'DISABLED',
      StreamViewType: stream.view,
      CreationRequestDateTime: stream.created_at / 1000,
      KeySchema: describeKey(table.schema.key),
      Shards: [{ ShardId: shard_id, SequenceNumberRange: { StartingSequenceNumber, ...ended } }],
    },
  };
};

const iteratorSchema = z.object({
  StreamArn: z.string(),
  ShardId: z.string(),
  ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']),
  SequenceNumber: z
    .string()
    .regex(/^\d{1,40}$/)
    .optional(),
});

export const getShardIterator: Operation = (engine, input) => {
  const { StreamArn, ShardId, ShardIteratorType, SequenceNumber } = readInput(iteratorSchema, input);
  const { stream } = streamNamed(engine, StreamArn);
  if (ShardId !== shard_id) throw notFound(`Shard: ${ShardId} not found`);
  const start = () => {
    if (ShardIteratorType === 'TRIM_HORIZON') return 0;
    if (ShardIteratorType === 'LATEST') return stream.end;
    if (SequenceNumber === undefined) throw validationError(`SequenceNumber is required for ${ShardIteratorType}`);
    return fromSequenceNumber(SequenceNumber) + (ShardIteratorType === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0);
  };
  return { ShardIterator: toIterator(stream, start()) };
};

const most_records = 1000;

const recordsSchema = z.object({
  ShardIterator: z.string(),
  Limit: z.number().int().min(1).max(most_records).default(most_records),
});

export const getRecords: Operation = (engine, input) => {
  const { ShardIterator, Limit } = readInput(recordsSchema, input);
  const [, arn = '', number = ''] = /^(.+)\|(\d+)$/.exec(ShardIterator) ?? [];
  if (arn === '') throw validationError('Invalid ShardIterator');
  const { stream } = streamNamed(engine, arn);
  const records = stream.from(Number(number), Limit);
  const next = (records.at(-1)?.number ?? Number(number) - 1) + 1;
  const is_over = !stream.is_enabled && next >= stream.end;
  return {
    Records: records.map((record) => stream.show(record)),
    ...(!is_over && { NextShardIterator: toIterator(stream, next) }),
  };
};

const toIterator = (stream: Stream, number: number) => `${stream.arn}|${number}`;

function streamsOf({ tables }: Engine): { table: Table; stream: Stream }[] {
  return [...tables.values()].flatMap((table) => table.streams.map((stream) => ({ table, stream })));
}

function streamNamed(engine: Engine, arn: string): { table: Table; stream: Stream } {
  const found = streamsOf(engine).find(({ stream }) => stream.arn === arn);
  if (found === undefined) throw notFound(`Stream: ${arn} not found`);
  return found;
}

const notFound = (what: string) =>
  new DynamoDbError('ResourceNotFoundException', `Requested resource not found: ${what}`);
