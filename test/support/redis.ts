import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from './paraphe.js';

/** A real Redis server on a free port, which keeps nothing on disk. */
export class RedisServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** @param options more of the server's options, such as `--cluster-enabled yes` */
  static start(...options: string[]): Promise<RedisServer> {
    return RedisServer.run(() => ['--save', '', '--maxmemory-policy', 'noeviction', ...options]);
  }

  /** A sentinel that watches a server under a name. */
  static startSentinel(master: RedisServer, name: string): Promise<RedisServer> {
    return RedisServer.run((folder) => {
      const file = join(folder, 'sentinel.conf');
      writeFileSync(file, `sentinel monitor ${name} 127.0.0.1 ${master.port} 1\n`);
      return [file, '--sentinel'];
    });
  }

  private static async run(options: (folder: string) => string[]): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    const child = spawn('redis-server', [...options(folder), ...own], { stdio: 'ignore' });
    const server = new RedisServer(child, folder, port);
    await eventually(() => answers(port), Boolean);
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The process id of the server. */
  get pid(): number {
    return this.child.pid!;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    }).on('error', () => resolve(false));
  });
