import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { DynamoDbError } from './errors.ts';
import { InMemoryDynamoDb } from './in-memory-dynamodb.ts';

export interface DynamoDbServer {
  /** The endpoint for the AWS SDK, e.g. `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  /** Cuts what is still open. */
  close(): Promise<void>;
}

export interface DynamoDbServerOptions {
  /** 0, the default, picks a free one. */
  readonly port?: number;
  readonly database?: InMemoryDynamoDb;
}

/**
 * Serves an in-memory DynamoDB over HTTP on 127.0.0.1; the AWS SDK needs nothing but the endpoint.
 * The server does not keep a process alive that has nothing else to do. Rejects when the port is
 * taken.
 */
export async function serveDynamoDb(options: DynamoDbServerOptions = {}): Promise<DynamoDbServer> {
  const { port = 0, database = new InMemoryDynamoDb() } = options;
  const server = createServer((request, response) => {
    answer(database, request, response).catch((error: unknown) => response.destroy(toError(error)));
  });
  // Callers keep connections open for as long as they like; one that pauses must not meet a reset.
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => socket.unref());
  await listen(server, port);
  server.unref();
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(database: InMemoryDynamoDb, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const [, operation] = request.headersDistinct['x-amz-target']?.[0]?.split('.') ?? [];
  // Without an operation somebody asks whether the server is there.
  const { status, body } = operation === undefined ? { status: 200, body: {} } : perform(database, operation, chunks);
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': bytes.length,
    'x-amzn-requestid': randomUUID(),
    'x-amz-crc32': crc32(bytes),
  });
  response.end(bytes);
}

function perform(
  database: InMemoryDynamoDb,
  operation: string,
  chunks: readonly Buffer[],
): { status: number; body: object } {
  try {
    return { status: 200, body: database.call(operation, parsed(Buffer.concat(chunks).toString())) };
  } catch (error) {
    if (!(error instanceof DynamoDbError)) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { status: 500, body: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message } };
    }
    const namespace = namespaces[error.code] ?? 'com.amazonaws.dynamodb.v20120810';
    return {
      status: 400,
      body: { __type: `${namespace}#${error.code}`, message: error.message, ...error.members },
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DynamoDbError('SerializationException', 'The request is not JSON.');
  }
}

const namespaces: Readonly<Record<string, string>> = {
  ValidationException: 'com.amazon.coral.validate',
  SerializationException: 'com.amazon.coral.service',
  UnknownOperationException: 'com.amazon.coral.service',
};

const toError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
