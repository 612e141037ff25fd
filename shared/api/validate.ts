import * as z from '../zod.ts';
import { type FieldError, validationFailed } from './problem.ts';

/** The part of the request that holds a value. */
export type Place = 'path' | 'query' | 'body';

/** More errors help nobody, and what a caller sends must not blow up the answer. */
const errors_max = 20;
const path_length_max = 120;

/** The value as the schema reads it. Throws `validation_failed` with each wrong field. */
export function validate<S extends z.core.$ZodType>(schema: S, place: Place, value: unknown): z.output<S> {
  const parsed = z.safeParse(schema, value, { error: explain });
  if (parsed.success) return parsed.data;
  const errors = new Map<string, FieldError>();
  for (const error of parsed.error.issues.flatMap((issue) => toFieldErrors(place, issue))) {
    if (errors.size < errors_max && !errors.has(error.path)) errors.set(error.path, error);
  }
  throw validationFailed(...errors.values());
}

/** A message for issues where zod's own words would not help. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is required' : undefined;
}

function toFieldErrors(place: Place, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: fieldPath(place, [...issue.path, key]),
      message: 'is not known here: remove it',
    }));
  }
  return [{ path: fieldPath(place, issue.path), message: issue.message }];
}

function fieldPath(place: Place, path: readonly PropertyKey[]): string {
  return [place, ...path.map(String)].join('.').slice(0, path_length_max);
}
