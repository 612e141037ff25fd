/**
 * An error with DynamoDB's own name for it; `members` are the answer's fields beside the message.
 */
export class DynamoDbError extends Error {
  readonly code: string;
  readonly members: object;

  constructor(code: string, message: string, members: object = {}) {
    super(message);
    this.name = 'DynamoDbError';
    this.code = code;
    this.members = members;
  }
}

export const validationError = (message: string): DynamoDbError => new DynamoDbError('ValidationException', message);

/** A `ValidationException` that begins as most of DynamoDB's do. */
export const invalidParameter = (message: string): DynamoDbError =>
  validationError(`One or more parameter values were invalid: ${message}`);
