import { SMTPServer } from 'smtp-server';
import { freePort } from './paraphe.js';

/** A mail as it came, in full. */
export interface ReceivedMail {
  to: string;
  messageId: string;
  /** Headers and body, with long lines joined again (quoted-printable breaks them, addresses too). */
  text: string;
}

/**
 * What the server does with a mail: takes it; refuses it for now (450); takes it whole and closes, or falls silent, without an
 * answer.
 */
export type Behaviour = 'accept' | 'refuse' | 'drop' | 'hang';

/** A real SMTP server that keeps what it receives, and misbehaves as mail servers do. */
export class MailServer {
  /** What it has taken, answered or not. */
  readonly received: ReceivedMail[] = [];
  behaviour: Behaviour = 'accept';
  refused = 0;
  /** Of whom it knows nothing: refused for good (550), and how often they were tried. */
  readonly unknown = new Map<string, number>();
  private port = 0;
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onRcptTo: ({ address }, _session, done) => {
      const tried = this.unknown.get(address);
      if (tried === undefined) return done();
      this.unknown.set(address, tried + 1);
      done(Object.assign(new Error('5.1.1 No such user here'), { responseCode: 550 }));
    },
    onData: (stream, session, done) => {
      let text = '';
      stream.on('data', (chunk) => (text += chunk));
      stream.on('end', () => {
        if (this.behaviour === 'refuse') {
          this.refused++;
          done(new Error('Out of order'));
          return;
        }
        const to = session.envelope.rcptTo.map(({ address }) => address).join();
        const messageId = /^Message-ID: <(.+)@/m.exec(text)?.[1] ?? '';
        this.received.push({ to, messageId, text: text.replaceAll(/=\r?\n/g, '') });
        if (this.behaviour === 'accept') done();
        if (this.behaviour === 'drop') this.cut(session.id);
      });
    },
  });

  static async start(): Promise<MailServer> {
    const server = new MailServer();
    server.port = await freePort();
    server.server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.server.listen(server.port, '127.0.0.1', resolve));
    return server;
  }

  /** Its address, as `SMTP_URL` has it; it is given up on soon. */
  get url(): string {
    return `smtp://127.0.0.1:${this.port}?greetingTimeout=1000&socketTimeout=1500`;
  }

  /** The mails to a person that name a title. */
  about(title: string, person = 'officer@demo.example'): ReceivedMail[] {
    return this.received.filter(({ to, text }) => to === person && text.includes(title));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private cut(id: string): void {
    for (const connection of this.server.connections as Set<{ id: string; _socket: { destroy(): void } }>) {
      if (connection.id === id) connection._socket.destroy();
    }
  }
}
