import * as z from 'zod';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A parameter as the document describes it. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** One operation of the OpenAPI document, with everything that it refers to in its place. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** `/api/features/{feature}` */
  readonly path: string;
  readonly caller: 'public' | 'user' | 'service';
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | null;
  /** What it may answer: a schema by media type by status. */
  readonly answers: ReadonlyMap<number, ReadonlyMap<string, JsonSchema>>;
}

/** An operation that a request meets, and the values of its path, still encoded. */
export interface Met {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
}

const json_schema = z.custom<JsonSchema>((value) => typeof value === 'object' && value !== null);
const content_schema = z.record(z.string(), z.object({ schema: json_schema }));

const operation_schema = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.enum(['path', 'query', 'header']),
      required: z.boolean(),
      schema: json_schema,
    }),
  ),
  requestBody: z.object({ content: content_schema }).optional(),
  responses: z.record(z.string(), z.object({ content: content_schema.default({}) })),
});

const document_schema = z.looseObject({
  openapi: z.string().startsWith('3.1'),
  paths: z.record(z.string(), z.record(z.string(), operation_schema)),
});

/**
 * The operations of an OpenAPI 3.1 document. Throws when it is none, or refers to what it does not
 * have.
 */
export function readDocument(document: unknown): Operation[] {
  const { paths } = document_schema.parse(withoutRefs(document, document));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => toOperation(method.toUpperCase(), path, operation)),
  );
}

/** The operation that the document has for a method and a path. */
export function operationAt(operations: readonly Operation[], method: string, path: string): Met | undefined {
  for (const operation of operations) {
    if (operation.method !== method) continue;
    const values = matchPath(operation.path, path);
    if (values !== undefined) return { operation, path: values };
  }
  return undefined;
}

function toOperation(method: string, path: string, described: z.output<typeof operation_schema>): Operation {
  const { operationId: id, security, parameters, requestBody, responses } = described;
  const [needed] = security;
  const answers = Object.entries(responses).map(
    ([status, { content }]) =>
      [Number(status), new Map(Object.entries(content).map(([type, { schema }]) => [type, schema]))] as const,
  );
  const body = requestBody?.content['application/json']?.schema ?? null;
  return {
    id,
    method,
    path,
    caller: needed === undefined ? 'public' : 'service' in needed ? 'service' : 'user',
    parameters,
    body,
    answers: new Map(answers),
  };
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const segments = path.split('/');
  const expected = template.split('/');
  if (segments.length !== expected.length) return undefined;
  const values: Record<string, string> = {};
  for (const [place, wanted] of expected.entries()) {
    const segment = segments[place] ?? '';
    if (wanted.startsWith('{') && segment !== '') values[wanted.slice(1, -1)] = segment;
    else if (wanted !== segment) return undefined;
  }
  return values;
}

/** The value with everything in the place of its `$ref`. */
function withoutRefs(value: unknown, document: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutRefs(item, document));
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value && typeof value.$ref === 'string') return withoutRefs(referred(value.$ref, document), document);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutRefs(inner, document)]));
}

const members = z.record(z.string(), z.unknown());

function referred(ref: string, document: unknown): unknown {
  const steps = ref.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>((at, step) => members.parse(at)[step], document);
}
