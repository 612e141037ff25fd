import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { VirtualClock } from './clock.ts';
import type { FunctionSpec } from './system.ts';

/** What a thread is started with. */
export interface ThreadData {
  code_file: string;
  handler_name: string;
  function_name: string;
  function_arn: string;
  memory_mb: number;
  offset_ms: BigInt64Array;
}

/** One invocation; the event is JSON. */
export interface ThreadRequest {
  request_id: string;
  event: string;
  /** When its time is over, by `process.hrtime.bigint()`, which all threads share. */
  ends_at_ns: bigint;
}

export type ThreadReply =
  | { request_id: string; result: string }
  | { request_id: string; error: { name: string; message: string; stack: string } };

/** The thread tells once that it has loaded the bundle, then answers requests. */
export type ThreadMessage = { loaded: true } | ThreadReply;

/**
 * The function threw, ended its thread or ran out of time: what Lambda calls an unhandled error.
 */
export class FunctionFailed extends Error {
  constructor(function_name: string, reason: string) {
    super(`${function_name}: ${reason}`);
    this.name = 'FunctionFailed';
  }
}

/** A function as its callers see it. */
export interface Invocable {
  /** The handler's answer. Throws `FunctionFailed`. */
  invoke(event: unknown): Promise<unknown>;
}

export interface FunctionRunnerOptions {
  function: FunctionSpec;
  /** Folder of the built bundle. */
  code_dir: string;
  /** What the runtime adds to the function's own variables. */
  environment: Record<string, string>;
  clock: VirtualClock;
  /** Takes what the function writes, line by line. */
  log: (line: string) => void;
  /** Takes failures that somebody should see. */
  warn: (line: string) => void;
}

interface Invocation {
  settle(reply: ThreadReply): void;
  fail(error: FunctionFailed): void;
}

interface Thread {
  worker: Worker;
  /** Resolves when the bundle is loaded; rejects with `FunctionFailed` when that fails. */
  loaded: Promise<void>;
  invocations: Map<string, Invocation>;
}

/** How long a bundle may load. On AWS 10 s; here many load at once on a machine that is busy. */
const longest_load_ms = 60_000;

/**
 * Runs one function's bundle in a worker thread of its own. Invocations share the thread
 * concurrently. The function's time-out counts from when the bundle is loaded. A thread that crashes
 * is replaced at the next invocation; one in which an invocation timed out takes no more and ends
 * with its last one.
 */
export class FunctionRunner implements Invocable {
  readonly #options: FunctionRunnerOptions;
  #thread: Thread | null = null;
  readonly #retired = new Set<Thread>();
  #is_closed = false;
  #ended = 0;

  constructor(options: FunctionRunnerOptions) {
    this.#options = options;
  }

  /** How many invocations have ended: whatever they did is done. */
  get ended(): number {
    return this.#ended;
  }

  /** Loads the bundle before the first invocation asks for it. Throws `FunctionFailed`. */
  async warmUp(): Promise<void> {
    this.#thread ??= this.#start();
    await this.#thread.loaded;
  }

  /** The handler's answer, after a trip through JSON as on AWS. Throws `FunctionFailed`. */
  async invoke(event: unknown): Promise<unknown> {
    const { function: spec, warn } = this.#options;
    if (this.#is_closed) throw new FunctionFailed(spec.name, 'the local cloud is closed');
    this.#thread ??= this.#start();
    const thread = this.#thread;
    const request_id = randomUUID();
    const timeout_ms = spec.timeout_s * 1000;
    let timer: NodeJS.Timeout | undefined;
    try {
      const text = JSON.stringify(event);
      const reply = await new Promise<ThreadReply>((settle, fail) => {
        const send = () => {
          const ends_at_ns = process.hrtime.bigint() + BigInt(timeout_ms) * 1_000_000n;
          thread.worker.postMessage({ request_id, event: text, ends_at_ns } satisfies ThreadRequest);
          timer = setTimeout(() => {
            this.#retire(thread);
            fail(new FunctionFailed(spec.name, `Task timed out after ${spec.timeout_s} seconds`));
          }, timeout_ms);
        };
        thread.invocations.set(request_id, { settle, fail });
        thread.loaded.then(send, fail);
      });
      if ('result' in reply) return JSON.parse(reply.result);
      throw new FunctionFailed(spec.name, reply.error.stack);
    } catch (error) {
      if (error instanceof FunctionFailed && !this.#is_closed) warn(error.message);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#ended += 1;
      thread.invocations.delete(request_id);
      if (this.#retired.has(thread) && thread.invocations.size === 0) await this.#end(thread);
    }
  }

  async close(): Promise<void> {
    this.#is_closed = true;
    const threads = [...this.#retired, ...(this.#thread ? [this.#thread] : [])];
    this.#thread = null;
    await Promise.all(threads.map((thread) => this.#end(thread)));
  }

  #start(): Thread {
    const { function: spec, code_dir, environment, clock, log } = this.#options;
    const [file = 'index', handler_name = 'handler'] = spec.handler.split(/\.(?=[^.]+$)/);
    const data: ThreadData = {
      code_file: join(code_dir, `${file}.js`),
      handler_name,
      function_name: spec.name,
      function_arn: spec.arn,
      memory_mb: spec.memory_mb,
      offset_ms: clock.offset_ms,
    };
    const worker = new Worker(new URL('./function-thread.ts', import.meta.url), {
      name: spec.name,
      workerData: data,
      env: { ...spec.environment, ...environment },
      execArgv: ['--enable-source-maps'],
      resourceLimits: { maxOldGenerationSizeMb: spec.memory_mb },
      stdout: true,
      stderr: true,
    });
    const loading = Promise.withResolvers<void>();
    const thread: Thread = { worker, loaded: loading.promise, invocations: new Map() };
    let failure: string | null = null;
    const timer = setTimeout(() => {
      failure = `its bundle did not load within ${longest_load_ms / 1000} seconds`;
      void worker.terminate();
    }, longest_load_ms);
    // A failure that nobody waits for must not end this process.
    loading.promise.catch(() => {});
    worker.on('message', (message: ThreadMessage) => {
      if ('request_id' in message) thread.invocations.get(message.request_id)?.settle(message);
      else {
        clearTimeout(timer);
        loading.resolve();
      }
    });
    worker.on('error', (error: Error) => {
      failure = error.stack ?? error.message;
    });
    worker.on('exit', (code) => {
      clearTimeout(timer);
      const failed = new FunctionFailed(spec.name, failure ?? `its thread ended with code ${code}`);
      if (failure !== null && thread.invocations.size === 0) this.#options.warn(failed.message);
      loading.reject(failed);
      this.#crashed(thread, failed);
    });
    forwardLines(worker.stdout, log);
    forwardLines(worker.stderr, log);
    return thread;
  }

  #crashed(thread: Thread, failed: FunctionFailed): void {
    if (this.#thread === thread) this.#thread = null;
    for (const invocation of thread.invocations.values()) invocation.fail(failed);
    thread.invocations.clear();
  }

  #retire(thread: Thread): void {
    this.#retired.add(thread);
    if (this.#thread === thread) this.#thread = null;
  }

  async #end(thread: Thread): Promise<void> {
    this.#retired.delete(thread);
    await thread.worker.terminate();
  }
}

function forwardLines(stream: Readable, log: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log(line);
  });
}
