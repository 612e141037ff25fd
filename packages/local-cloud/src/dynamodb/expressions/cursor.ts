import type { AttributeValue } from '../attribute-value.ts';
import { DynamoDbError, validationError } from '../errors.ts';
import type { Path } from './path.ts';
import type { Placeholders } from './placeholders.ts';
import { isReserved } from './reserved-words.ts';

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

const token_pattern = /\s*([#:]?[A-Za-z0-9_]+|<=|>=|<>|[=<>()[\],.+-])/y;
const longest_expression_bytes = 4096;

/** Reads one expression from left to right. Its methods throw a `ValidationException`. */
export class Cursor {
  readonly #text: string;
  readonly #placeholders: Placeholders;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** The parentheses that were closed last, by the tokens they start at and end before. */
  last_pair: { readonly start: number; readonly end: number } | null = null;

  constructor(text: string, placeholders: Placeholders) {
    this.#text = text;
    this.#placeholders = placeholders;
    this.#tokens = tokensOf(text);
  }

  /** The next token, upper case so that keywords compare; empty at the end. */
  get next(): string {
    return this.#tokens[this.#at]?.text.toUpperCase() ?? '';
  }

  /** How many tokens are behind. */
  get position(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  /** Whether the token after the next one is this. */
  isFollowedBy(text: string): boolean {
    return this.#tokens[this.#at + 1]?.text === text;
  }

  /** Takes the next token where it is this word or sign. */
  skip(text: string): boolean {
    if (this.next !== text) return false;
    this.#at += 1;
    return true;
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (!this.atEnd) throw this.syntaxError();
  }

  /** A word without a sigil, as it is written. */
  word(): string {
    return this.#take(/^[A-Za-z_]/);
  }

  isValue(): boolean {
    return this.next.startsWith(':');
  }

  value(): AttributeValue {
    return this.#placeholders.valueOf(this.#take(/^:/));
  }

  /** `name`, `#name`, `a.b[0].c`. */
  path(): Path {
    const path: [string, ...(string | number)[]] = [this.#name()];
    for (;;) {
      if (this.skip('.')) path.push(this.#name());
      else if (this.skip('[')) {
        path.push(Number(this.#take(/^\d+$/)));
        this.expect(']');
      } else return path;
    }
  }

  syntaxError(): DynamoDbError {
    const token = this.#tokens[this.#at];
    const before = this.#tokens[this.#at - 1];
    const after = this.#tokens[this.#at + 1];
    const from = (before ?? token)?.start ?? 0;
    const near = this.#text.slice(from, (after ?? token ?? before)?.end);
    return validationError(`Syntax error; token: "${token?.text ?? '<EOF>'}", near: "${near}"`);
  }

  #name(): string {
    if (this.next.startsWith('#')) return this.#placeholders.nameOf(this.#take(/^#/));
    const name = this.word();
    if (isReserved(name)) {
      throw validationError(`Attribute name is a reserved keyword; reserved keyword: ${name}`);
    }
    return name;
  }

  #take(pattern: RegExp): string {
    const text = this.#tokens[this.#at]?.text ?? '';
    if (!pattern.test(text)) throw this.syntaxError();
    this.#at += 1;
    return text;
  }
}

/**
 * Parses a whole expression. Throws a `ValidationException` that names the kind of the expression.
 */
export function parseExpression<T>(
  kind: ExpressionKind,
  text: string,
  placeholders: Placeholders,
  parse: (cursor: Cursor) => T,
): T {
  try {
    if (text.trim() === '') throw validationError('The expression can not be empty;');
    const bytes = Buffer.byteLength(text);
    if (bytes > longest_expression_bytes) {
      throw validationError(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    }
    const cursor = new Cursor(text, placeholders);
    const parsed = parse(cursor);
    cursor.expectEnd();
    return parsed;
  } catch (error) {
    if (!(error instanceof DynamoDbError)) throw error;
    throw new DynamoDbError(error.code, `Invalid ${kind}: ${error.message}`);
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; ) {
    token_pattern.lastIndex = at;
    const found = token_pattern.exec(text);
    const [all, token] = found ?? [];
    if (all === undefined || token === undefined) {
      const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
      throw validationError(`Syntax error; token: "${text.charAt(start)}", near: "${text.slice(start, start + 12)}"`);
    }
    at += all.length;
    tokens.push({ text: token, start: at - token.length, end: at });
  }
  return tokens;
}
