import { type Cluster, ClusterDown } from './cluster.ts';

/** One instance alone: what it remembers itself is the truth, and nobody has to be asked or told. */
export class MemoryCluster implements Cluster {
  readonly instance = 'alone';
  readonly state = 'off';
  readonly members = [];
  readonly read = nobody;
  readonly commit = nobody;
  readonly send = nobody;
  readonly post = nobody;
  readonly history = nobody;
  readonly restore = nobody;

  observe(): void {}
  start(): void {}
  async put(): Promise<void> {}
  async get(): Promise<undefined> {}
  async close(): Promise<void> {}
}

/** Not called, as nothing that happens on one instance needs another. */
function nobody(): Promise<never> {
  return Promise.reject(new ClusterDown('there is no other instance'));
}
