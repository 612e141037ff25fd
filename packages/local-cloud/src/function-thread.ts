import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadData, ThreadMessage, ThreadReply, ThreadRequest } from './function-runner.ts';
import { shiftedDate } from './shifted-date.ts';

/*
 * The inside of a function's worker thread: what the Lambda runtime is on AWS. The bundle is loaded once and called for every
 * request; its Date is the virtual clock's.
 */

type Handler = (event: unknown, context: object) => unknown;

const data: ThreadData = workerData;
const realNow = Date.now;
globalThis.Date = shiftedDate(Date, () => realNow() + Number(Atomics.load(data.offset_ms, 0)));

function loadHandler(): Handler {
  const bundle: Record<string, unknown> = createRequire(data.code_file)(data.code_file);
  const handler = bundle[data.handler_name];
  if (typeof handler !== 'function') throw new Error(`${data.code_file} exports no ${data.handler_name}`);
  return (event, context) => handler(event, context);
}

function contextOf({ request_id, ends_at_ns }: ThreadRequest): object {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: data.function_name,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.function_arn,
    memoryLimitInMB: String(data.memory_mb),
    awsRequestId: request_id,
    logGroupName: `/aws/lambda/${data.function_name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.round(Number(ends_at_ns - process.hrtime.bigint()) / 1e6)),
  };
}

async function answer(handler: Handler, request: ThreadRequest): Promise<ThreadReply> {
  const { request_id } = request;
  try {
    const result = await handler(JSON.parse(request.event), contextOf(request));
    return { request_id, result: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { request_id, error: { name, message, stack: stack ?? message } };
  }
}

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread');
const handler = loadHandler();
port.on('message', (request: ThreadRequest) => {
  void answer(handler, request).then((reply) => port.postMessage(reply satisfies ThreadMessage));
});
port.postMessage({ loaded: true } satisfies ThreadMessage);
