import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a server (`node --import`) that was started with an IPC channel: answers each message with what the
 * process has used. It changes nothing in the server.
 */
export interface Usage {
  /** Bytes of living objects, after a garbage collection. */
  heap: number;
  /** Bytes of living buffers outside of the heap. */
  external: number;
  /** Bytes of the process in memory. */
  rss: number;
  /** Bytes that were ever allocated in the heap. */
  allocated: number;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

process.on('message', (what: 'usage' | 'allocated') => {
  // Of what was allocated nothing is to be counted that a collection itself needs.
  const { total_allocated_bytes: allocated } = getHeapStatistics() as { total_allocated_bytes?: number };
  if (what === 'usage') for (let i = 0; i < 3; i++) collect();
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  process.send!({ heap, external, rss, allocated: allocated ?? 0 } satisfies Usage);
});
process.channel?.unref();
