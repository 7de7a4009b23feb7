import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId, Refusal } from '#event-sourcing';

/** A document may have so many bytes. */
const MOST_BYTES = 100 * 1024 * 1024;

/** Whether a text is the name of a document: a SHA-256 in lower-case hexadecimal. */
export const isName = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Where a document is within the folder of documents. */
export const placeOf = (sha256: string): string => join(sha256.slice(0, 2), sha256);

/** Thrown when a document is larger than documents may be. Nothing of it is kept. */
export class DocumentTooLarge extends Refusal {
  readonly code = 'DOCUMENT.TOO_LARGE';
  override readonly status = 413;
  override readonly details = { mostBytes: MOST_BYTES };
  constructor() {
    super(`A document may have ${MOST_BYTES / 1024 / 1024} MB at most.`);
  }
}

/** Thrown when a document without a byte is sent. */
export class DocumentEmpty extends Refusal {
  readonly code = 'DOCUMENT.EMPTY';
  override readonly status = 422;
  constructor() {
    super('The document has no content.');
  }
}

/**
 * Documents as files in the data folder, each under its SHA-256: the same document is kept once, and what a file's name says
 * of its content can be checked by anybody with `sha256sum`. Events hold the hash, so that a changed file is found out.
 */
export class DocumentStore {
  constructor(private readonly folder: string) {}

  /**
   * Keeps a document. It is on disk, whole, before its hash is told.
   *
   * @returns its SHA-256 in hexadecimal, and its size in bytes
   * @throws DocumentTooLarge, DocumentEmpty
   */
  async keep(content: Readable): Promise<{ sha256: string; size: number }> {
    await mkdir(this.folder, { recursive: true });
    const coming = join(this.folder, `.coming-${newId()}`);
    const hash = createHash('sha256');
    const file = await open(coming, 'wx');
    try {
      const counted = counting(hash);
      await pipeline(content, counted, file.createWriteStream({ flush: true, autoClose: true }));
      if (counted.size === 0) throw new DocumentEmpty();
      const sha256 = hash.digest('hex');
      const place = this.placeOf(sha256);
      await mkdir(dirname(place), { recursive: true });
      await rename(coming, place);
      await flushed(dirname(place));
      return { sha256, size: counted.size };
    } catch (error) {
      await rm(coming, { force: true });
      throw error;
    } finally {
      await file.close().catch(() => {});
    }
  }

  /** Whether a document is kept. */
  async has(sha256: string): Promise<boolean> {
    return (await this.sizeOf(sha256)) !== undefined;
  }

  /** A kept document; undefined when there is none under the hash. */
  async read(sha256: string): Promise<{ size: number; content: ReadStream } | undefined> {
    const size = await this.sizeOf(sha256);
    return size === undefined ? undefined : { size, content: createReadStream(this.placeOf(sha256)) };
  }

  private async sizeOf(sha256: string): Promise<number | undefined> {
    const found = await stat(this.placeOf(sha256)).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  }

  private placeOf(sha256: string): string {
    return join(this.folder, placeOf(sha256));
  }
}

/** Passes bytes on, and counts and hashes them. */
function counting(hash: Hash): Transform & { size: number } {
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      counted.size += chunk.length;
      if (counted.size > MOST_BYTES) return done(new DocumentTooLarge());
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const counted = Object.assign(stream, { size: 0 });
  return counted;
}

/** A file that was renamed is there after a crash once its folder is flushed. */
async function flushed(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
