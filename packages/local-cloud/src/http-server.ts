import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface HttpRequest {
  method: string;
  /** Path and query as they came. */
  target: string;
  headers: IncomingMessage['headersDistinct'];
  body: Buffer;
  source_ip: string;
  http_version: string;
}

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

export interface HttpServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Answers a request itself, or with what comes next. */
export type Middleware = (request: HttpRequest, next: () => Promise<HttpAnswer>) => Promise<HttpAnswer>;

/** Somebody else listens on the port. */
export class PortInUse extends Error {
  readonly port: number;
  constructor(port: number) {
    super(`port ${port} is in use`);
    this.name = 'PortInUse';
    this.port = port;
  }
}

/** The body is longer than the server takes. */
class BodyTooLarge extends Error {}

export interface HttpServerOptions {
  /** 0 picks a free one. */
  port: number;
  most_body_bytes: number;
  /** The answer to a body that is longer. */
  tooLarge: () => HttpAnswer;
  answer: (request: HttpRequest) => Promise<HttpAnswer>;
  /** The answer when `answer` throws. */
  failed: (error: unknown) => HttpAnswer;
}

/** Listens on 127.0.0.1. Throws `PortInUse`. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((incoming, response) => {
    void answerRequest(incoming, response, options);
  });
  // Callers keep connections open for as long as they like; a test that pauses must not meet a
  // reset.
  server.keepAliveTimeout = 60_000;
  await listen(server, options.port);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { url: `http://127.0.0.1:${port}`, port, close: () => closeServer(server) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      fail(error.code === 'EADDRINUSE' ? new PortInUse(port) : error);
    });
    server.listen(port, '127.0.0.1', done);
  });
}

const last_answers_ms = 1000;

/** Lets running answers finish for a second, then cuts what is left. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.race([closed, pause(last_answers_ms, undefined, { ref: false })]);
  server.closeAllConnections();
  await closed;
}

async function answerRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): Promise<void> {
  let answer: HttpAnswer;
  try {
    const request: HttpRequest = {
      method: incoming.method ?? 'GET',
      target: incoming.url ?? '/',
      headers: incoming.headersDistinct,
      body: await readBody(incoming, options.most_body_bytes),
      source_ip: incoming.socket.remoteAddress ?? '127.0.0.1',
      http_version: incoming.httpVersion,
    };
    answer = await options.answer(request);
  } catch (error) {
    answer = error instanceof BodyTooLarge ? options.tooLarge() : options.failed(error);
  }
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.statusCode = answer.status;
  response.end(incoming.method === 'HEAD' ? undefined : answer.body);
}

async function readBody(incoming: IncomingMessage, most_bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A body that is too long is read to its end all the same: the caller hears the answer only after
  // it has sent everything.
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes <= most_bytes) chunks.push(chunk);
  }
  if (bytes > most_bytes) throw new BodyTooLarge();
  return Buffer.concat(chunks);
}
