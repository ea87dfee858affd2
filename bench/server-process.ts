import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Usage } from './probe.ts';

const root = join(import.meta.dirname, '..');

/** The real server in a process of its own, which tells what it uses. */
export class ProbedServer {
  readonly child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
  }

  /** Starts it with these settings beside those that every load wants: no limits on rates, few log lines. */
  static async start(env: Record<string, string> = {}): Promise<ProbedServer> {
    const child = fork(join(root, 'src/server.ts'), {
      cwd: join(root, 'src'), // no .env.local
      execArgv: ['--max-semi-space-size=2', '--import', join(import.meta.dirname, 'probe.ts')],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        PATH: process.env.PATH,
        ...{ ENVIRONMENT: 'test', HOST: '127.0.0.1', PORT: '0', DRAIN_SECONDS: '0', AUTH: 'off' },
        ...{ JOIN_RATE: '0', MESSAGE_RATE: '0', BYTE_RATE: '0', MAX_PEERS: '0' },
        ...env,
      },
    });
    let text = '';
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout!.on('data', (chunk) => {
        if (text.length > 10_000) return; // the port was said long ago; the rest is read, and dropped
        text += chunk;
        const said = /ws:\/\/localhost:(\d+)/.exec(text);
        if (said) resolve(Number(said[1]));
      });
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
    });
    return new ProbedServer(child, port);
  }

  async usage(what: 'usage' | 'allocated' = 'usage'): Promise<Usage> {
    const answer = once(this.child, 'message');
    this.child.send(what);
    return (await answer)[0];
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await gone;
  }
}
