import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Language } from '#calendar';
import { NotFound, newId } from '#event-sourcing';
import type { Columns } from './headings.js';
import { LIMITS, megabytes } from './limits.js';
import type { CellProblem } from './problems.js';
import type { SheetSource } from './reading.js';
import type { RegisterName } from './registers.js';
import { SheetRefused } from './sheet-errors.js';
import type { SheetKind } from './sheet-kind.js';

/** What became, or would become, of one row. */
export interface RowFate {
  line: number;
  id: string;
  /** What it is called, for people. */
  title: string;
  fate: 'new' | 'changed' | 'unchanged' | 'refused';
  problems: CellProblem[];
}

/** How a sheet is to be understood. */
export interface Reading {
  kind: SheetKind['id'];
  columns: Columns;
  aliases: Record<string, string>;
  language: Language;
}

/** What looking through all rows came to. */
export interface Outcome {
  counts: Record<RowFate['fate'], number>;
  /** The dates that were not written as the product writes them, each once. */
  dates: { column: string; text: string; edtf: string; isDoubtful: boolean; count: number }[];
  /** The names that nothing on record has, each once. */
  unknown: { register: RegisterName; text: string; count: number; suggestion?: { id: string; name: string } }[];
  /** The position that a read should wait for after an import. */
  position?: string;
}

/** A sheet that was sent and is kept for some days, with how far its import has come. */
export interface Upload {
  id: string;
  name: string;
  size: number;
  sentBy: string;
  /** ISO 8601. */
  sentAt: string;
  source: SheetSource;
  /** The row of the headings, as a spreadsheet counts it. */
  headingLine: number;
  /** What stands in it; the letter of a column where nothing does. */
  headings: string[];
  /** The first rows under the headings. */
  samples: string[][];
  reading?: Reading;
  state: 'sent' | 'checking' | 'checked' | 'importing' | 'imported' | 'failed';
  outcome?: Outcome;
  /** Why it failed. */
  failure?: string;
}

const tooLarge = () => new SheetRefused('size', `A sheet may have ${megabytes(LIMITS.bytes)} at most.`, 413);

/** Sheets hold names: they are kept for so long. */
const KEPT_MS = 7 * 86_400_000;

/** The sheets that were sent, each in a folder of its own: the file as it came, what is known of it, the fate of each row. */
export class Uploads {
  constructor(private readonly folder: string) {}

  /**
   * @param announced how many bytes are said to come
   * @throws SheetRefused when it is larger than it may be; nothing of it is kept
   */
  async receive(content: Readable, announced = 0): Promise<{ id: string; size: number }> {
    if (announced > LIMITS.bytes) throw tooLarge();
    await this.letGo();
    const id = newId();
    await mkdir(join(this.folder, id), { recursive: true });
    let size = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        if (size > LIMITS.bytes) done(tooLarge());
        else done(null, chunk);
      },
    });
    try {
      await pipeline(content, counted, createWriteStream(this.fileOf(id)));
    } catch (error) {
      await this.remove(id);
      throw error;
    }
    return { id, size };
  }

  /** @throws NotFound */
  async get(id: string): Promise<Upload> {
    const text = /^[0-9a-f-]{36}$/.test(id)
      ? await readFile(join(this.folder, id, 'upload.json'), 'utf8').catch(() => undefined)
      : undefined;
    if (text === undefined) throw new NotFound('upload', id);
    return JSON.parse(text) as Upload;
  }

  async put(upload: Upload): Promise<void> {
    const place = join(this.folder, upload.id, 'upload.json');
    await writeFile(`${place}.new`, JSON.stringify(upload));
    await rename(`${place}.new`, place);
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.folder, id), { recursive: true, force: true });
  }

  fileOf(id: string): string {
    return join(this.folder, id, 'sheet');
  }

  /** Takes the fates of rows in order; they replace the former ones once all are there. */
  async fates(id: string) {
    const place = join(this.folder, id, 'fates.jsonl');
    const file = await open(`${place}.new`, 'w');
    return {
      add: (fates: RowFate[]) => file.appendFile(fates.map((fate) => `${JSON.stringify(fate)}\n`).join('')),
      async done() {
        await file.close();
        await rename(`${place}.new`, place);
      },
      abandon: () => file.close(),
    };
  }

  /** The fates of the rows as the last check or import left them. */
  async *fatesOf(id: string): AsyncGenerator<RowFate> {
    const place = join(this.folder, id, 'fates.jsonl');
    if (!(await stat(place).catch(() => undefined))) return;
    const lines = createInterface({ input: createReadStream(place), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) yield JSON.parse(line) as RowFate;
  }

  private async letGo(): Promise<void> {
    for (const id of await readdir(this.folder).catch(() => [])) {
      // Another request may have removed it meanwhile.
      const { mtimeMs } = (await stat(join(this.folder, id)).catch(() => undefined)) ?? { mtimeMs: Date.now() };
      if (Date.now() - mtimeMs > KEPT_MS) await this.remove(id);
    }
  }
}
