import { createHash } from 'node:crypto';
import type { MessageAttribute } from './queue.ts';

/** MD5 in hexadecimal, as SQS answers it and the SDK checks it. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * MD5 of message attributes: per name in order, name, type and value, each after its length.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: Record<string, MessageAttribute>): string {
  const hash = createHash('md5');
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name] ?? { DataType: 'String' };
    const is_binary = DataType.startsWith('Binary');
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([is_binary ? 2 : 1]));
    add(is_binary ? Buffer.from(BinaryValue ?? '', 'base64') : Buffer.from(StringValue ?? ''));
  }
  return hash.digest('hex');
}
