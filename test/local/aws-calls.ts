import { type HttpAnswer, type HttpRequest, type HttpServer, startHttpServer } from '@billing-credits/local-cloud';
import * as z from 'zod';
import { nameOf } from '../infra/synthesized-stack.ts';

const one_table = z.object({ TableName: z.string() });
const inputs = {
  query: z.object({ TableName: z.string(), IndexName: z.string().optional() }),
  batch: z.object({ RequestItems: z.record(z.string(), z.unknown()) }),
  transaction: z.object({ TransactItems: z.array(z.record(z.string(), one_table)) }),
  queue: z.object({ QueueUrl: z.string() }),
  secret: z.object({ SecretId: z.string() }),
};

/** What IAM calls the parts of a transaction. */
const ACTION_OF_PART: Record<string, string> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/**
 * Listens between functions and AWS services, and remembers which permissions each function's calls
 * needed.
 */
export class AwsCalls {
  /** `function action resource`. */
  readonly #seen = new Set<string>();
  readonly #servers: HttpServer[] = [];

  /** Starts an endpoint that hands every call on to this one. */
  async reach(endpoint: string): Promise<string> {
    const server = await startHttpServer({
      port: 0,
      most_body_bytes: 16 * 1024 * 1024,
      tooLarge: () => ({ status: 413 }),
      answer: (request) => this.#handOn(endpoint, request),
      failed: (error) => ({ status: 500, body: String(error) }),
    });
    this.#servers.push(server);
    return server.url;
  }

  /** What the function was seen to need, as `action resource`. */
  of(function_name: string): string[] {
    return [...this.#seen]
      .map((call) => call.split(' '))
      .filter(([caller]) => caller === function_name)
      .map(([, action, resource]) => `${action} ${resource}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  async #handOn(endpoint: string, { method, target, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const header = (name: string) => headers[name]?.[0] ?? '';
    const action = header('x-amz-target');
    for (const needed of permissionsFor(action, JSON.parse(body.toString()))) {
      this.#seen.add(`${header('x-amz-security-token')} ${needed}`);
    }
    const names = ['x-amz-target', 'x-amz-date', 'x-amz-security-token', 'authorization', 'content-type'];
    const answer = await fetch(new URL(target, endpoint), {
      method,
      headers: names.map((name): [string, string] => [name, header(name)]),
      body: new Uint8Array(body),
    });
    return {
      status: answer.status,
      headers: { 'content-type': answer.headers.get('content-type') ?? '' },
      body: new Uint8Array(await answer.arrayBuffer()),
    };
  }
}

/** The permissions that a call needs, as `action resource`. */
function permissionsFor(target: string, input: unknown): string[] {
  const [service = '', action = ''] = target.split('.');
  switch (service) {
    case 'AmazonSQS':
      return [`sqs:${action.replace(/Batch$/, '')} ${queueName(inputs.queue.parse(input).QueueUrl)}`];
    case 'secretsmanager':
      return [`secretsmanager:${action} ${secretName(inputs.secret.parse(input).SecretId)}`];
    default:
      return needsOfDatabase(action, input).map((needed) => `dynamodb:${needed}`);
  }
}

function needsOfDatabase(action: string, input: unknown): string[] {
  if (action.startsWith('Transact')) {
    return inputs.transaction
      .parse(input)
      .TransactItems.flatMap(Object.entries)
      .map(([part, { TableName }]) => `${ACTION_OF_PART[part]} ${nameOf(TableName)}`);
  }
  if (action.startsWith('Batch')) {
    return Object.keys(inputs.batch.parse(input).RequestItems).map((table) => `${action} ${nameOf(table)}`);
  }
  const { TableName, IndexName } = inputs.query.parse(input);
  return [`${action} ${nameOf(TableName)}${IndexName === undefined ? '' : `/index/${IndexName}`}`];
}

/** `http://…/WebhookEventsQueue.fifo` → `WebhookEventsQueue`. */
function queueName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1).replace(/\.fifo$/, '');
}

/** `arn:…:secret:StripeApiKey-local` → `StripeApiKey`. */
function secretName(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1).replace(/-\w+$/, '');
}
