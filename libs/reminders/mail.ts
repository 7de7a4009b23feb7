import { Readable } from 'node:stream';
import { createTransport, type Transporter } from 'nodemailer';
import type { RenderedMessage } from './render.js';

/** A mail that is to go out. */
export interface Mail extends RenderedMessage {
  to: { name: string; address: string };
  messageId: string;
  /** The mails that this one follows up, so that programs show them together. */
  references: string[];
  /** Where the recipient changes what comes. */
  preferencesUrl: string;
}

/** Thrown when a mail may have been accepted or not: the whole of it was sent, and the server's answer never came. */
export class Unanswered extends Error {
  override name = 'Unanswered';
}

/** Thrown when a mail is refused for good: the same mail would be refused again. */
export class MailRefused extends Error {
  override name = 'MailRefused';
}

/**
 * Whether a refusal is final: a permanent answer (5yz: "the SMTP client SHOULD NOT repeat the exact request", RFC 5321, 4.2.1) to the
 * sender, the recipient or the text, or an envelope that cannot be written at all. That the server wants another password (RFC 4954)
 * or turns the whole session away is no word on this mail, and can be mended.
 */
export function isFinal({ code, command = '', responseCode }: SmtpError): boolean {
  if (responseCode === undefined) return code === 'EENVELOPE';
  const isOfTheMail = ['MAIL FROM', 'RCPT TO', 'DATA'].includes(command);
  return isOfTheMail && responseCode >= 500 && responseCode < 600 && !WANTS_LOGIN.includes(responseCode);
}

/** What nodemailer says of a failure: its own kind, the command that failed, and the server's answer where there was one. */
interface SmtpError {
  code?: string | undefined;
  command?: string | undefined;
  responseCode?: number | undefined;
}

/** Authentication required, mechanism too weak, credentials invalid, encryption required (RFC 4954, 6). */
const WANTS_LOGIN = [530, 534, 535, 538];

const DEFAULTS = {
  pool: true,
  maxConnections: 2,
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
  // A connection that closes while a mail is under way may have delivered it: whether to try again is decided here.
  maxRequeues: 0,
};

/**
 * Sends mail over SMTP, and knows of what fails whether it can have arrived. The address takes nodemailer's options as
 * parameters, such as `?rateLimit=5&maxConnections=1`.
 */
export class Mailer {
  private readonly transport: Transporter;
  /** The mails of which the whole text went to the server. */
  private readonly sent = new Set<string>();

  constructor(
    smtpUrl: string,
    private readonly from: string,
  ) {
    this.transport = createTransport({ ...DEFAULTS, url: smtpUrl } as never);
    this.transport.use('stream', (mail, done) => {
      const { message } = mail as unknown as { message: { createReadStream(): Readable; messageId(): string } };
      const original = message.createReadStream.bind(message);
      // The connection reads it once the server has said that it takes the text, and not before.
      message.createReadStream = () => Readable.from(this.watched(original, message.messageId()));
      done();
    });
  }

  /**
   * @throws Unanswered when nobody can know whether it has arrived
   * @throws MailRefused when it has not, and never will
   * @throws Error when it certainly has not: it can be tried again
   */
  async send({ to, messageId, references, preferencesUrl, subject, text, html }: Mail): Promise<void> {
    this.sent.delete(messageId);
    try {
      await this.transport.sendMail({
        from: this.from,
        to,
        subject,
        text,
        html,
        messageId,
        ...(references.length > 0 && { references, inReplyTo: references.at(-1)! }),
        list: { unsubscribe: preferencesUrl },
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      });
    } catch (error) {
      const { responseCode, message } = error as Error & SmtpError;
      if (isFinal(error as SmtpError)) throw new MailRefused(message);
      // A server that answers has refused; one that did not have the whole text cannot have taken it.
      if (responseCode !== undefined || !this.sent.has(messageId)) throw error;
      throw new Unanswered(message);
    } finally {
      this.sent.delete(messageId);
    }
  }

  close(): void {
    this.transport.close();
  }

  private async *watched(open: () => Readable, messageId: string): AsyncGenerator<Buffer> {
    yield* open();
    this.sent.add(messageId);
  }
}
