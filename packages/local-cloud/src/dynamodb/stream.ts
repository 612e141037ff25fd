import type { Item } from './attribute-value.ts';
import { itemSize } from './item-size.ts';
import type { StreamView, TableSchema } from './schema.ts';

/** A change of one item. */
export interface Change {
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface StreamRecord {
  /** Counts from 0 without a gap. */
  readonly number: number;
  /** Milliseconds. */
  readonly at: number;
  readonly change: Change;
}

const kept_for_ms = 24 * 60 * 60 * 1000;

/** The changes of a table in one shard. As on AWS, a record is gone after 24 hours. */
export class Stream {
  readonly table: string;
  readonly key_names: readonly (string | undefined)[];
  readonly view: StreamView;
  readonly created_at: number;
  /** False once the table has another stream or none. */
  is_enabled = true;
  #records: StreamRecord[] = [];
  #appended = 0;

  constructor({ name, key }: TableSchema, view: StreamView, created_at: number) {
    this.table = name;
    this.key_names = [key.partition.name, key.sort?.name];
    this.view = view;
    this.created_at = created_at;
  }

  /** The part of the stream's ARN that tells it from others of its table. */
  get label(): string {
    return new Date(this.created_at).toISOString().replace('Z', '');
  }

  get arn(): string {
    return `${tableArn(this.table)}/stream/${this.label}`;
  }

  /** The number that the next record gets. */
  get end(): number {
    return this.#appended;
  }

  append(change: Change, now: number): void {
    this.#records.push({ number: this.#appended, at: now, change });
    this.#appended += 1;
    const gone = this.#records.findIndex(({ at }) => at > now - kept_for_ms);
    if (gone > 0) this.#records = this.#records.slice(gone);
  }

  /** At most `limit` records from this number on; older ones than are kept are skipped. */
  from(number: number, limit: number): readonly StreamRecord[] {
    const start = Math.max(0, number - (this.#records[0]?.number ?? 0));
    return this.#records.slice(start, start + limit);
  }

  /** The record as GetRecords answers it. */
  show({ number, at, change: { key, before, after } }: StreamRecord): object {
    const shows_new = this.view === 'NEW_IMAGE' || this.view === 'NEW_AND_OLD_IMAGES';
    const shows_old = this.view === 'OLD_IMAGE' || this.view === 'NEW_AND_OLD_IMAGES';
    const images = [key, ...(shows_new && after ? [after] : []), ...(shows_old && before ? [before] : [])];
    return {
      eventID: `${number.toString(16).padStart(32, '0')}`,
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(at / 1000),
        Keys: key,
        ...(shows_new && after && { NewImage: after }),
        ...(shows_old && before && { OldImage: before }),
        SequenceNumber: sequenceNumber(number),
        SizeBytes: images.reduce((bytes, image) => bytes + itemSize(image), 0),
        StreamViewType: this.view,
      },
    };
  }
}

const region = 'us-east-1';
const first_sequence_number = 100_000_000_000_000_000_001n;

export const tableArn = (name: string): string => `arn:aws:dynamodb:${region}:000000000000:table/${name}`;

/** Sequence numbers grow and have 21 digits. */
export const sequenceNumber = (number: number): string => String(first_sequence_number + BigInt(number));

export const fromSequenceNumber = (text: string): number => Number(BigInt(text) - first_sequence_number);
