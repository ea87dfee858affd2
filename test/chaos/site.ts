import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisServer } from '../cluster/redis-server.ts';
import { freePort } from '../ports.ts';
import { ServerProcess } from '../process-helper.ts';
import { Balancer } from './balancer.ts';
import type { Fault } from './faults.ts';

const SERVER = join(import.meta.dirname, '..', '..', 'src', 'server.ts');
/** How many instances there are. */
export const INSTANCES = 3;
/** Between two cuts of all of Redis' connections, ms. */
const CUT_EVERY = 150;

/** Settings of every instance: short times, as faults follow each other quickly; no limits, as nothing here is a flood. */
const ENV = {
  ENVIRONMENT: 'test',
  HOST: '127.0.0.1',
  GRACE_SECONDS: '10',
  DRAIN_SECONDS: '2',
  HEARTBEAT_SECONDS: '2',
  HEARTBEAT_TIMEOUT_SECONDS: '4',
  CHAT_HISTORY: '1000',
  JOIN_RATE: '0',
  MESSAGE_RATE: '0',
};

/** A real Redis, three real server processes and a balancer in front of them. */
export class Site {
  readonly redis: RedisServer;
  readonly balancer: Balancer;
  readonly #ports: number[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'record-meet-chaos-'));
  readonly #instances: ServerProcess[] = [];
  /** All that ever ran, to read their logs. */
  readonly #all: ServerProcess[] = [];

  /** Whoever ends this process ends all of it. */
  readonly #end = () => {
    for (const one of this.#instances) one.kill('SIGKILL');
    this.redis.kill('SIGKILL');
  };

  private constructor(redis: RedisServer, ports: number[], balancer: Balancer) {
    process.on('exit', this.#end);
    this.redis = redis;
    this.#ports = ports;
    this.balancer = balancer;
  }

  static async start(seed: number): Promise<Site> {
    const redis = await new RedisServer(await freePort()).start();
    const ports = await Promise.all(Array.from({ length: INSTANCES }, freePort));
    const site = new Site(redis, ports, await new Balancer(ports, seed).listen());
    await Promise.all(ports.map((_, at) => site.#spawn(at)));
    return site;
  }

  get urls(): string[] {
    return this.#ports.map((port) => `http://127.0.0.1:${port}`);
  }

  /** Does it, and undoes it when its time is up. @throws Error if an instance did not do as it should */
  async suffer(fault: Fault): Promise<void> {
    switch (fault.is) {
      case 'kill': {
        const { instance } = fault;
        this.#instances[instance]!.kill('SIGKILL');
        await this.#instances[instance]!.exited;
        await delay(fault.for);
        return this.#spawn(instance);
      }
      case 'freeze': {
        const one = this.#instances[fault.instance]!;
        one.kill('SIGSTOP');
        await delay(fault.for);
        one.kill('SIGCONT');
        return;
      }
      case 'replace': {
        const one = this.#instances[fault.instance]!;
        one.kill('SIGTERM');
        const { code } = await one.exited;
        if (code !== 0) throw new Error(`an instance that drained ended with ${code}`);
        return this.#spawn(fault.instance);
      }
      case 'cut redis': {
        for (const end = Date.now() + fault.for; Date.now() < end; await delay(CUT_EVERY)) this.#cutRedis();
        return;
      }
      case 'freeze redis':
        this.redis.kill('SIGSTOP');
        await delay(fault.for);
        this.redis.kill('SIGCONT');
        return;
      case 'empty redis':
        await this.redis.stop();
        await delay(fault.for);
        await this.redis.start();
        return;
      case 'cut clients':
        this.balancer.cut(fault.part);
        return;
    }
  }

  /** What any instance logged as an error; and what is no log at all. */
  get errors(): string[] {
    return this.#all.flatMap(({ logs, stderr }) => [
      ...logs.filter(({ level }) => Number(level) >= 50).map((line) => JSON.stringify(line)),
      ...(stderr === '' ? [] : [stderr]),
    ]);
  }

  /** Writes what each instance logged into a file of this folder. */
  writeLogs(folder: string): void {
    for (const [n, { stdout, child }] of this.#all.entries())
      writeFileSync(join(folder, `instance-${n}-${child.pid}.log`), stdout);
  }

  async stop(): Promise<void> {
    process.off('exit', this.#end);
    this.balancer.close();
    for (const one of this.#instances) {
      one.kill('SIGKILL');
      await one.exited;
    }
    await this.redis.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #spawn(at: number): Promise<void> {
    const env = { ...ENV, REDIS_URL: this.redis.url, PORT: String(this.#ports[at]) };
    const one = new ServerProcess(env, this.#folder, SERVER);
    this.#instances[at] = one;
    this.#all.push(one);
    await one.started();
  }

  #cutRedis(): void {
    const socket = connect(this.redis.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end('CLIENT KILL TYPE normal SKIPME yes\r\n');
    socket.resume();
  }
}
