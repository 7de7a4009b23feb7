import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { RefusedInWorker, TooCostly, WorkersBusy } from './refusals.js';
import type { Answered, Batch } from './run-task.js';
import { type WorkerTask, workerTask } from './worker-task.js';

/** What a piece of work may take, and what to say when it takes more. */
export interface Limits {
  /** What it is, as a sentence begins with it: `The PDF`. */
  what: string;
  /** What to do instead, as a sentence. */
  advice: string;
  /** Milliseconds, those in which it waits for its turn included; of a stream, for each next part. */
  within: number;
  /** Megabytes of heap. */
  megabytes?: number;
  /** Ends the work, as when the client has left. */
  signal?: AbortSignal | undefined;
  /** How large the input is, in characters; what is {@link SMALL} is done at once, without a worker. */
  size?: number;
}

/** So many characters cost less than it takes to hand them over. */
export const SMALL = 16_384;

const MEGABYTES = 256;
/** A worker without work is let go of after so long, and its memory with it. */
const IDLE_MS = 30_000;
const MOST_WAITING = 100;
const MOST_STREAMS = 8;
/** Work of workers is the last that the processor turns to. */
const NICE = 5;

const pools = new Map<string, Piscina>();

/** Workers are started when there is work for them. Streams have their own: they last as long as their readers. */
function poolFor(kind: 'answer' | 'each', megabytes: number): Piscina {
  const key = `${kind} ${megabytes}`;
  const known = pools.get(key);
  if (known) return known;
  const pool = new Piscina({
    filename: workerTask('workers/run-task', 'answer').file,
    name: kind,
    minThreads: 0,
    maxThreads: kind === 'each' ? MOST_STREAMS : Math.max(2, availableParallelism() - 1),
    idleTimeout: IDLE_MS,
    niceIncrement: NICE,
    resourceLimits: { maxOldGenerationSizeMb: megabytes },
  });
  // A worker that fails between two tasks is replaced by the next one.
  pool.on('error', () => {});
  pools.set(key, pool);
  return pool;
}

/** How many pieces of work are under way or wait for their turn. */
export const workersAtWork = (): number =>
  [...pools.values()].reduce((sum, pool) => sum + pool.queueSize + pool.threads.length - pool.idleThreads, 0);

/** Ends all workers, whatever they do. */
export async function endWorkers(): Promise<void> {
  const ended = [...pools.values()];
  pools.clear();
  await Promise.all(ended.map((pool) => pool.destroy()));
}

/**
 * Runs a function in a worker thread and gives its result: nothing else waits for it.
 *
 * @throws TooCostly when it takes more time or memory than it may
 * @throws WorkersBusy when too much is under way
 * @throws the reason of the signal when that ends it; and what the function throws
 */
export async function inWorker<Arguments extends unknown[], Result>(
  { file, name, load }: WorkerTask<(...args: Arguments) => Result>,
  args: Arguments,
  limits: Limits,
): Promise<Awaited<Result>> {
  limits.signal?.throwIfAborted();
  if (limits.size !== undefined && limits.size <= SMALL) return await (await load())(...args);
  const late = AbortSignal.timeout(limits.within);
  const signal = limits.signal ? AbortSignal.any([limits.signal, late]) : late;
  const pool = poolFor('answer', limits.megabytes ?? MEGABYTES);
  if (pool.queueSize >= MOST_WAITING) throw new WorkersBusy(limits.what);
  try {
    const answered = (await pool.run({ file, name, args }, { signal })) as Answered;
    if (answered instanceof Uint8Array) return answered as Awaited<Result>;
    if ('refusal' in answered) throw new RefusedInWorker(answered.refusal);
    return answered.value as Awaited<Result>;
  } catch (error) {
    throw failure(error, limits, late.aborted);
  }
}

/**
 * Runs a generator in a worker thread and gives what it gives, part by part: it goes no further than it is read, and ends with its
 * reader.
 *
 * @throws what {@link inWorker} throws
 */
export async function* eachInWorker<Arguments extends unknown[], Item>(
  { file, name }: WorkerTask<(...args: Arguments) => AsyncGenerator<Item>>,
  args: Arguments,
  limits: Limits,
): AsyncGenerator<Item> {
  limits.signal?.throwIfAborted();
  const stop = new AbortController();
  const signal = limits.signal ? AbortSignal.any([limits.signal, stop.signal]) : stop.signal;
  const pool = poolFor('each', limits.megabytes ?? MEGABYTES);
  if (pool.queueSize >= MOST_WAITING) throw new WorkersBusy(limits.what);
  const { port1, port2 } = new MessageChannel();
  const running = pool
    .run({ file, name, args, port: port2 }, { transferList: [port2], signal })
    .catch((error: unknown) => ({ error }));
  let isLate = false;
  let isLast = false;
  try {
    while (!isLast) {
      const deadline = setTimeout(() => {
        isLate = true;
        stop.abort();
      }, limits.within);
      const told = await Promise.race([next(port1), running]).finally(() => clearTimeout(deadline));
      // That the work has ended may be known before its last words have come.
      const batch = told ?? (receiveMessageOnPort(port1)?.message as Batch | undefined);
      if (!batch || 'error' in batch) throw failure(batch?.error, limits, isLate);
      isLast = batch.isLast;
      yield* batch.items as Item[];
      if (batch.refusal) throw new RefusedInWorker(batch.refusal);
    }
  } finally {
    if (!isLast) {
      port1.postMessage('enough');
      // What does not end when it is told to is ended.
      const patience = setTimeout(() => stop.abort(), limits.within).unref();
      void running.finally(() => clearTimeout(patience));
    }
    void running.finally(() => port1.close());
  }
}

function next(port: MessagePort): Promise<Batch> {
  const batch = new Promise<Batch>((resolve) => port.once('message', resolve));
  port.postMessage('more');
  return batch;
}

function failure(error: unknown, { what, advice, within, megabytes = MEGABYTES, signal }: Limits, isLate: boolean) {
  if (signal?.aborted) return signal.reason as unknown;
  const { code } = (error ?? {}) as { code?: string };
  if (isLate) return new TooCostly(what, `${within / 1_000} seconds`, advice);
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return new TooCostly(what, `${megabytes} MB of memory`, advice, 413);
  return error;
}
