import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Forwarder } from './forwarder.ts';
import { type HttpAnswer, type HttpRequest, type HttpServer, startHttpServer } from './http-server.ts';
import { MessageRefused, type Queue } from './queue.ts';
import { type Access, AccessDenied, UnknownCaller } from './roles/access.ts';
import { neededPermissions } from './roles/needed-permissions.ts';
import { SqsActions } from './sqs-actions.ts';

export interface AwsEndpointOptions {
  /** By URL. They may be added after the start: a queue's URL begins with this endpoint's. */
  queues: ReadonlyMap<string, Queue>;
  /** Values by the secret's ARN. */
  secrets: ReadonlyMap<string, string>;
  /** Endpoint of the database with the tables. */
  database_url: string;
  access: Access;
  /** Takes what a role did not allow. */
  warn: (line: string) => void;
}

const secretSchema = z.object({ SecretId: z.string() });

/**
 * The endpoint of DynamoDB, SQS and Secrets Manager for the SDK in the functions, on a free port. A
 * call that the function's role does not allow is answered as on AWS. Calls to DynamoDB go on to
 * the database.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<HttpServer> {
  const { queues, secrets, database_url, access, warn } = options;
  const database = new Forwarder(database_url);
  const sqs = new SqsActions(queues);
  const perform = async (request: HttpRequest, input: unknown): Promise<HttpAnswer> => {
    const [service = '', action = ''] = targetOf(request).split('.');
    if (service === 'AmazonSQS') {
      const output = sqs.perform(action, input);
      return output === undefined ? unknownAction(action) : amzAnswer(output);
    }
    return service === 'secretsmanager' ? secretValue(secrets, input) : database.send(request);
  };
  const server = await startHttpServer({
    port: 0,
    most_body_bytes: 16 * 1024 * 1024,
    tooLarge: () => amzError('RequestEntityTooLarge', 'The request is too large.'),
    answer: async (request) => {
      const target = targetOf(request);
      const input: unknown = JSON.parse(request.body.toString());
      const needed = neededPermissions(target, input);
      if (needed === undefined) return unknownAction(target);
      try {
        access.check(functionOf(request), needed);
      } catch (error) {
        if (!(error instanceof AccessDenied)) throw error;
        warn(error.message);
        return denied(target, error);
      }
      return perform(request, input);
    },
    failed: (error) => {
      if (error instanceof MessageRefused) return amzError(error.code, error.message);
      if (error instanceof UnknownCaller) return amzError('UnrecognizedClientException', error.message);
      if (error instanceof z.ZodError) return amzError('InvalidParameterValue', z.prettifyError(error));
      return amzError('InternalFailure', String(error), 500);
    },
  });
  return {
    ...server,
    close: async () => {
      await server.close();
      database.close();
    },
  };
}

const targetOf = (request: HttpRequest) => request.headers['x-amz-target']?.[0] ?? '';

/** The session token, which names the role on AWS, is the function's name here. */
const functionOf = (request: HttpRequest) => request.headers['x-amz-security-token']?.[0] ?? '';

/** SQS answers 403, and names the error for clients of its older protocol in a header. */
function denied(target: string, { message }: AccessDenied): HttpAnswer {
  if (!target.startsWith('AmazonSQS.')) return amzError('AccessDeniedException', message);
  const answer = amzError('AccessDeniedException', message, 403);
  return { ...answer, headers: { ...answer.headers, 'x-amzn-query-error': 'AccessDenied;Sender' } };
}

function secretValue(secrets: ReadonlyMap<string, string>, input: unknown): HttpAnswer {
  const { SecretId } = secretSchema.parse(input);
  const value = secrets.get(SecretId);
  if (value === undefined) {
    return amzError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  return amzAnswer({
    ARN: SecretId,
    Name: SecretId.slice(SecretId.lastIndexOf(':') + 1),
    SecretString: value,
    VersionId: 'local',
    VersionStages: ['AWSCURRENT'],
  });
}

const headers = () => ({ 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() });

function amzAnswer(output: object): HttpAnswer {
  return { status: 200, headers: headers(), body: JSON.stringify(output) };
}

function amzError(code: string, message: string, status = 400): HttpAnswer {
  return { status, headers: headers(), body: JSON.stringify({ __type: code, message }) };
}

const unknownAction = (name: string) => amzError('InvalidAction', `The local cloud does not know ${name}.`);
