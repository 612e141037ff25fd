import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type HttpAnswer, type HttpRequest, type HttpServer, startHttpServer } from './http-server.ts';
import { MessageRefused, type Queue } from './queue.ts';
import { SqsActions } from './sqs-actions.ts';

export interface AwsEndpointOptions {
  /** By URL. They may be added after the start, when the template is known. */
  queues: ReadonlyMap<string, Queue>;
  /** Values by the secret's ARN. */
  secrets: ReadonlyMap<string, string>;
}

const secretSchema = z.object({ SecretId: z.string() });

/** The endpoint of SQS and Secrets Manager for the SDK in the functions, on a free port. */
export function startAwsEndpoint({ queues, secrets }: AwsEndpointOptions): Promise<HttpServer> {
  const sqs = new SqsActions(queues);
  const perform = (service: string, action: string, input: unknown): HttpAnswer => {
    if (service === 'AmazonSQS') {
      const output = sqs.perform(action, input);
      return output === undefined ? unknownAction(action) : amzAnswer(output);
    }
    if (service === 'secretsmanager' && action === 'GetSecretValue') return secretValue(secrets, input);
    return unknownAction(`${service}.${action}`);
  };
  return startHttpServer({
    port: 0,
    most_body_bytes: 16 * 1024 * 1024,
    tooLarge: () => amzError('RequestEntityTooLarge', 'The request is too large.'),
    answer: async (request) => {
      const [service = '', action = ''] = target(request).split('.');
      return perform(service, action, JSON.parse(request.body.toString()));
    },
    failed: (error) => {
      if (error instanceof MessageRefused) return amzError(error.code, error.message);
      if (error instanceof z.ZodError) return amzError('InvalidParameterValue', z.prettifyError(error));
      return amzError('InternalFailure', String(error), 500);
    },
  });
}

const target = (request: HttpRequest) => request.headers['x-amz-target']?.[0] ?? '';

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
