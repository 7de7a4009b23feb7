import { createConnection, createServer, type Socket } from 'node:net';

/**
 * A line to a PostgreSQL behind a Unix socket, on which connections can fall silent: nothing is closed, nothing comes through any more, as
 * behind a firewall that has forgotten them. New ones work.
 */
export class QuietLine {
  private readonly server = createServer((near) => this.join(near));
  private readonly ends: Socket[] = [];
  private readonly silenced = new Set<Socket>();
  private readonly behind: URL;

  private constructor(connectionString: string) {
    this.behind = new URL(connectionString.replace('@/', '@socket/'));
  }

  static async open(connectionString: string): Promise<QuietLine> {
    const line = new QuietLine(connectionString);
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get connectionString(): string {
    const { port } = this.server.address() as { port: number };
    const { username, password, pathname } = this.behind;
    return `postgresql://${username}:${password}@127.0.0.1:${port}${pathname}`;
  }

  /** From now on nothing comes through those that are there. */
  fallSilent(): void {
    for (const end of this.ends) this.silenced.add(end);
  }

  close(): void {
    for (const end of this.ends) end.destroy();
    this.server.close();
  }

  private join(near: Socket): void {
    const { searchParams } = this.behind;
    const far = createConnection(`${searchParams.get('host')}/.s.PGSQL.${searchParams.get('port') ?? 5_432}`);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.ends.push(from);
      from.on('data', (chunk) => !this.silenced.has(from) && to.write(chunk));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  }
}
