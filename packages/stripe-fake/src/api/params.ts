import * as z from 'zod';
import { invalidRequest, type StripeApiError } from './errors.ts';

/** A form holds text only. These schemas read it as Stripe does. */
export const text = z.string().min(1).max(5000);
export const integer = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(Number);
export const url = z.url({ protocol: /^https?$/ }).max(5000);
export const count = integer.pipe(z.number().min(0));
export const boolean = z.enum(['true', 'false']).transform((value) => value === 'true');
/** An empty text unsets the field. */
export const clearable = z.string().transform((value) => (value === '' ? null : value));
/** An empty text removes a key; empty metadata removes all of them. */
export const metadata = z.union([z.literal(''), z.record(z.string().max(40), z.string().max(500))]);
export type MetadataChange = z.infer<typeof metadata>;

export const pagination = {
  limit: integer.pipe(z.number().min(1).max(100)).default(10),
  starting_after: text.optional(),
  ending_before: text.optional(),
};
export type Pagination = { limit: number; starting_after?: string | undefined; ending_before?: string | undefined };

/** A moment, or a range of moments, in epoch seconds. */
export const range = z.union([
  integer,
  z.strictObject({
    gt: integer.optional(),
    gte: integer.optional(),
    lt: integer.optional(),
    lte: integer.optional(),
  }),
]);
export type Range = z.infer<typeof range>;

export function isWithin(value: number, wanted: Range | undefined): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === 'number') return value === wanted;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = wanted;
  return value > gt && value >= gte && value < lt && value <= lte;
}

export function changeMetadata(
  current: Record<string, string>,
  change: MetadataChange | undefined,
): Record<string, string> {
  if (change === undefined) return current;
  if (change === '') return {};
  return Object.fromEntries(Object.entries({ ...current, ...change }).filter(([, value]) => value !== ''));
}

/** @throws StripeApiError 400, in Stripe's words, for the first mistake. */
export function parseParams<S extends z.ZodType>(schema: S, params: unknown): z.infer<S> {
  const parsed = schema.safeParse(params, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw invalidRequest('Invalid request.');
  throw toStripeError(issue);
}

function toStripeError(issue: z.core.$ZodIssue): StripeApiError {
  const param = paramName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const unknown = paramName([...issue.path, issue.keys[0] ?? '']);
    return invalidRequest(`Received unknown parameter: ${unknown}`, { code: 'parameter_unknown', param: unknown });
  }
  if (issue.input === undefined) {
    return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  const given = typeof issue.input === 'string' || typeof issue.input === 'number' ? String(issue.input) : 'an object';
  switch (issue.code) {
    case 'invalid_format':
      if (issue.format === 'url') return invalidRequest('Not a valid URL', { code: 'url_invalid', param });
      return invalidRequest(`Invalid integer: ${given}`, { code: 'parameter_invalid_integer', param });
    case 'invalid_value':
      return invalidRequest(`Invalid ${param}: must be one of ${issue.values.join(', ')}`, { param });
    case 'too_small':
      if (issue.origin === 'string') {
        const message = `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset.`;
        return invalidRequest(message, { code: 'parameter_invalid_empty', param });
      }
      return invalidRequest(`This value must be greater than or equal to ${issue.minimum}.`, {
        code: 'parameter_invalid_integer',
        param,
      });
    case 'too_big':
      return invalidRequest(`This value must be less than or equal to ${issue.maximum}.`, {
        code: 'parameter_invalid_integer',
        param,
      });
    case 'invalid_type':
      return invalidRequest(`Invalid ${issue.expected}`, { param });
    default:
      return invalidRequest(`Invalid ${param}: ${given}`, { param });
  }
}

/** `['line_items', 0, 'price']` is `line_items[0][price]`. */
function paramName(path: PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  return [first ?? '', ...rest.map((segment) => `[${segment}]`)].join('');
}
