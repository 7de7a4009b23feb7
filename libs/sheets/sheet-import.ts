import type { Readable } from 'node:stream';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { datePhrase, type Language } from '#calendar';
import {
  type Actor,
  type Clock,
  Commands,
  eachOf,
  keptPosition,
  later,
  newId,
  type Position,
  Precedence,
  Refusal,
  Repository,
} from '#event-sourcing';
import { Lifecycles } from '#lifecycle';
import { organisations } from '#organisations';
import { type Fate, Importer, type ImportSource } from '#portfolio';
import { Projector, ReadStore } from '#read-store';
import { authorise, DESK } from '#roles';
import { CLOCK, columnName, InvalidRequest, type SheetContent } from '#web-api';
import { annotatedSheet } from './annotated-sheet.js';
import { headingRow, MOST_ABOVE, rankKinds } from './headings.js';
import { sheetKinds } from './kinds/index.js';
import { heading, mappingCommands, mappingDecider, mappingId } from './mapping.js';
import { type CellProblem, problemOf, sentenceOf } from './problems.js';
import type { SheetRow, SheetSource } from './reading.js';
import { recogniseElsewhere, rowsElsewhere } from './reading-elsewhere.js';
import { Registers } from './registers.js';
import { readRows } from './row-batches.js';
import { type ReadRow, RowReader } from './row-reader.js';
import { SheetRefused } from './sheet-errors.js';
import { SHEETS, type SheetKind } from './sheet-kind.js';
import { Summary } from './summary.js';
import type { Encoding } from './text-encoding.js';
import { type Outcome, type Reading, type RowFate, type Upload, Uploads } from './upload.js';

/** Injection token of the {@link Uploads}. */
export const UPLOADS = Symbol('Uploads');

/** Thrown when something is asked of an upload that its present state does not allow. */
export class UploadNotReady extends Refusal {
  readonly code = 'UPLOAD.NOT_READY';
  override readonly status = 409;
}

/** An upload as the assistant shows it. */
export interface UploadView extends Upload {
  /** How each kind would read the headings: as was confirmed last for such a sheet, else by their names; the likeliest first. */
  proposals: {
    kind: SheetKind['id'];
    columns: Record<string, number>;
    aliases: Record<string, string>;
    isRemembered: boolean;
  }[];
  /** While it is looked through or imported. */
  progress?: { done: number };
  /** A check or an import that the server's end interrupted; it can be asked for again. */
  isInterrupted: boolean;
  dates: (Outcome['dates'][number] & { phrase: string })[];
}

/** Work that is upon an upload: how many rows it has done, and what it makes of the upload's state. */
interface Progress {
  done: number;
  state: Upload['state'];
}

/** A row's fate as the assistant shows it. */
export interface RowFateView {
  line: number;
  id: string;
  title: string;
  fate: 'new' | 'changed' | 'unchanged' | 'refused';
  problems: { column?: string; message: string; isRemark: boolean }[];
}

const BUSY = 'The sheet is being worked on. Wait until that is done.';
const SAMPLES = 5;
const AT_A_TIME = 250;
const MOST_WAIT_MS = 60_000;

/** Brings sheets in: what a file holds, how its columns are understood, what would become of each row, and the import itself. */
@Injectable()
export class SheetImport {
  private readonly log = new Logger('Sheets');
  private readonly running = new Map<string, Progress>();

  constructor(
    @Inject(UPLOADS) private readonly uploads: Uploads,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly readStore: ReadStore,
    private readonly commands: Commands,
    private readonly repository: Repository,
    private readonly importer: Importer,
    private readonly lifecycles: Lifecycles,
    private readonly precedence: Precedence,
    private readonly projector: Projector,
  ) {}

  /** @throws SheetRefused, Forbidden */
  async receive(name: string, content: Readable, announced: number, actor: Actor): Promise<UploadView> {
    authorise(actor, 'ImportSheet', DESK);
    const { id, size } = await this.uploads.receive(content, announced);
    try {
      const source = await recogniseElsewhere(this.uploads.fileOf(id));
      const headingLine = await this.headingLineOf(id, source);
      const upload: Upload = {
        id,
        name,
        size,
        sentBy: actor.id,
        sentAt: this.clock.now().toISOString(),
        source,
        headingLine,
        ...(await this.topOf(id, source, headingLine)),
        state: 'sent',
      };
      await this.uploads.put(upload);
      return await this.view(upload);
    } catch (error) {
      await this.uploads.remove(id);
      throw error;
    }
  }

  async get(id: string, actor: Actor): Promise<UploadView> {
    authorise(actor, 'ImportSheet', DESK);
    const { upload, progress } = await this.current(id);
    return this.view(upload, progress);
  }

  /** Reads it differently: another of its sheets, another encoding, another row of headings. */
  async reread(
    id: string,
    how: { sheet?: string; encoding?: Encoding; headingLine?: number },
    actor: Actor,
  ): Promise<UploadView> {
    authorise(actor, 'ImportSheet', DESK);
    const { outcome: _, reading: __, failure: ___, ...upload } = await this.idle(id);
    const source = {
      ...upload.source,
      ...(how.sheet && { sheet: how.sheet }),
      ...(how.encoding && { encoding: how.encoding }),
    } as SheetSource;
    if (source.format === 'xlsx' && !source.sheets.some(({ name }) => name === source.sheet))
      throw new InvalidRequest([
        { field: 'sheet', rule: 'one-of', message: `one of ${source.sheets.map(({ name }) => name).join(', ')}` },
      ]);
    const headingLine = how.headingLine ?? (await this.headingLineOf(id, source));
    const top = await this.topOf(id, source, headingLine);
    const changed: Upload = { ...upload, source, headingLine, ...top, state: 'sent' };
    await this.uploads.put(changed);
    return this.view(changed);
  }

  /**
   * Begins to look through all rows; nothing is imported. How the columns are understood is remembered for the next such sheet.
   *
   * @throws InvalidRequest when a column that must be there has no heading
   */
  async check(id: string, reading: Reading, actor: Actor): Promise<UploadView> {
    authorise(actor, 'ImportSheet', DESK);
    const upload = await this.idle(id);
    const { headings } = upload;
    const kind = this.kind(reading.kind);
    const missing = kind.columns.filter((column) => column.isRequired && reading.columns[column.id] === undefined);
    const foreign = Object.keys(reading.columns).filter((column) => !kind.columns.some(({ id }) => id === column));
    const outside = Object.entries(reading.columns).filter(([, at]) => at >= headings.length);
    const defects = [
      ...missing.map(({ id, labels }) => ({
        field: `columns.${id}`,
        rule: 'required',
        message: `'${labels.fr}' needs a column of the sheet`,
      })),
      ...foreign.map((column) => ({
        field: `columns.${column}`,
        rule: 'one-of',
        message: `one of ${kind.columns.map(({ id }) => id).join(', ')}`,
      })),
      ...outside.map(([column]) => ({
        field: `columns.${column}`,
        rule: 'range',
        message: `a heading from 0 to ${headings.length - 1}`,
      })),
    ];
    if (defects.length > 0) throw new InvalidRequest(defects);
    const columns = Object.fromEntries(Object.entries(reading.columns).map(([column, at]) => [column, headings[at]!]));
    await this.commands.send(
      mappingCommands,
      mappingId(kind.id, headings),
      { type: 'MapColumns', kind: kind.id, headings, columns, aliases: reading.aliases },
      { commandId: newId(), isNew: true, actor },
    );
    const { outcome: _, failure: __, ...rest } = upload;
    return this.begin({ ...rest, reading, state: 'checking' }, actor);
  }

  /**
   * Begins the import of what was checked. Rows that are refused are left out if that is wanted; asked for again, what is in stays in
   * once.
   *
   * @throws UploadNotReady when it was not checked, or rows are refused, or dates are to be confirmed
   */
  async import(id: string, consent: { leaveOut: boolean; confirmDates: boolean }, actor: Actor): Promise<UploadView> {
    authorise(actor, 'ImportSheet', DESK);
    const { failure: _, ...upload } = await this.idle(id);
    const { outcome } = upload;
    if (!upload.reading || !outcome) throw new UploadNotReady('Have the rows checked first.');
    if (outcome.counts.refused > 0 && !consent.leaveOut)
      throw new UploadNotReady(
        `${outcome.counts.refused} rows are refused. Correct them, or send \`leaveOut\` to import the others.`,
      );
    const doubtful = outcome.dates.filter(({ isDoubtful }) => isDoubtful);
    if (doubtful.length > 0 && !consent.confirmDates)
      throw new UploadNotReady(
        `Some dates could mean another day (${doubtful
          .map(({ text }) => text)
          .slice(0, 3)
          .join(', ')}). Look at how they were read, and send \`confirmDates\`.`,
      );
    return this.begin({ ...upload, state: 'importing' }, actor);
  }

  async remove(id: string, actor: Actor): Promise<void> {
    authorise(actor, 'ImportSheet', DESK);
    await this.idle(id);
    await this.uploads.remove(id);
  }

  /** The fates of rows from a line on, those with a certain fate where one is named. */
  async rows(
    id: string,
    { fate, fromLine, limit }: { fate?: RowFate['fate'] | undefined; fromLine: number; limit: number },
    language: Language,
    actor: Actor,
  ): Promise<{ items: RowFateView[]; next?: number }> {
    authorise(actor, 'ImportSheet', DESK);
    await this.uploads.get(id);
    const items: RowFateView[] = [];
    for await (const row of this.uploads.fatesOf(id)) {
      if (row.line < fromLine || (fate && row.fate !== fate)) continue;
      if (items.length === limit) return { items, next: row.line };
      const problems = row.problems.map((one) => ({
        ...(one.column && { column: one.column }),
        message: sentenceOf(one, language),
        isRemark: one.isRemark,
      }));
      items.push({ ...row, problems });
    }
    return { items };
  }

  /** The sheet as it came, with what is wrong with a row beside its cells. */
  async annotated(id: string, language: Language, actor: Actor): Promise<SheetContent> {
    authorise(actor, 'ImportSheet', DESK);
    const upload = await this.idle(id);
    if (!upload.reading) throw new UploadNotReady('Have the rows checked first.');
    const { columns, kind } = upload.reading;
    const rows = rowsElsewhere(this.uploads.fileOf(id), upload.source);
    return annotatedSheet({
      headings: upload.headings,
      columns,
      kind: this.kind(kind),
      fates: this.uploads.fatesOf(id),
      rows,
      language,
    });
  }

  /** The kinds of sheets, with the columns of each. */
  kinds(): SheetKind[] {
    return sheetKinds(this.lifecycles);
  }

  private kind(id: SheetKind['id']): SheetKind {
    return this.kinds().find((kind) => kind.id === id)!;
  }

  /** @throws NotFound, UploadNotReady while it is being looked through or imported */
  private async idle(id: string): Promise<Upload> {
    const { upload, progress } = await this.current(id);
    if (progress) throw new UploadNotReady(BUSY);
    return upload;
  }

  /** What is written of an upload, with the work that was upon it while that was read: the work may have ended meanwhile. */
  private async current(id: string): Promise<{ upload: Upload; progress: Progress | undefined }> {
    const before = this.running.get(id);
    const upload = await this.uploads.get(id);
    return { upload, progress: this.running.get(id) ?? before };
  }

  private async begin(upload: Upload, actor: Actor): Promise<UploadView> {
    if (this.running.has(upload.id)) throw new UploadNotReady(BUSY);
    const progress: Progress = { done: 0, state: upload.state };
    this.running.set(upload.id, progress);
    await this.uploads.put(upload).catch((error: unknown) => {
      this.running.delete(upload.id);
      throw error;
    });
    this.work(upload, progress, actor)
      .catch((error) => this.log.error(`Upload ${upload.id}: ${error instanceof Error ? error.message : error}`))
      .finally(() => this.running.delete(upload.id));
    return this.view(upload);
  }

  private async work(upload: Upload, progress: Progress, actor: Actor): Promise<void> {
    try {
      const outcome = await this.precedence.during(async () => {
        const through = await this.through(upload, progress, actor);
        // Who is told that it is in finds it in the lists.
        if (through.position) await this.projector.waitFor(keptPosition(through.position), MOST_WAIT_MS);
        return through;
      });
      await this.uploads.put({ ...upload, outcome, state: upload.state === 'importing' ? 'imported' : 'checked' });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      await this.uploads.put({ ...upload, state: 'failed', failure });
    }
  }

  /** Goes through all rows once: reads each, and rehearses or carries out what it asks for. */
  private async through(upload: Upload, progress: Progress, actor: Actor): Promise<Outcome> {
    const { kind: kindId, columns, aliases, language } = upload.reading!;
    const kind = this.kind(kindId);
    const registers = new Registers(this.readStore, aliases);
    await registers.load(
      ...kind.columns.flatMap((column) => (columns[column.id] === undefined ? [] : (column.registers ?? []))),
    );
    const summary = new Summary();
    const countries = await this.countries();
    const reader = new RowReader({
      kind,
      columns,
      registers,
      readStore: this.readStore,
      language,
      context: {
        document: upload.name,
        today: this.clock.today(),
        countryOf: (organisation) => countries.get(organisation),
      },
      onDate: (...date) => summary.date(...date),
    });
    const source: ImportSource = { actor, id: SHEETS };
    const fates = await this.uploads.fates(upload.id);
    let position: Position | undefined;
    try {
      const sheet = rowsElsewhere(this.uploads.fileOf(upload.id), upload.source);
      for await (const rows of readRows(reader, sheet, upload.headingLine)) {
        // Rows upon the same subject, such as the milestones of one project, are taken in their order.
        const bySubject = Map.groupBy(
          rows.filter(({ steps }) => steps.length > 0),
          ({ steps }) => `${steps[0]!.to}/${steps[0]!.subject}`,
        );
        await eachOf([...bySubject.values()], AT_A_TIME, async (ofSubject) => {
          for (const row of ofSubject) {
            position = later(position, await this.carried(row, source, upload.state === 'importing'));
          }
        });
        for (const row of rows) summary.row(row, kind);
        await fates.add(rows.map(({ steps: _, dated: __, ...fate }) => fate));
        progress.done += rows.length;
      }
      await fates.done();
    } catch (error) {
      await fates.abandon();
      throw error;
    }
    return { ...summary.outcome(), ...(position !== undefined && { position: String(position) }) };
  }

  /** Rehearses a row or carries it out; what is refused is told with the row. */
  private async carried(row: ReadRow, source: ImportSource, isReal: boolean): Promise<Position | undefined> {
    const subject = row.steps[0]!.subject;
    const outcome = isReal
      ? await this.importer.carryOut(subject, row.steps, source, row.fate === 'new')
      : await this.importer.rehearse(subject, row.steps, source, { isNew: row.fate === 'new' });
    const refused = outcome.fates.filter(({ fate }) => fate === 'refused');
    if (refused.length > 0) {
      row.fate = 'refused';
      row.problems = [...row.problems, ...refused.map((fate) => refusal(fate, row))];
    }
    return outcome.position;
  }

  private async countries(): Promise<Map<string, string>> {
    const rows = await this.readStore.from(organisations).select(['id', 'country']).execute();
    return new Map(rows.flatMap(({ id, country }) => (country === null ? [] : [[id, country] as const])));
  }

  private async headingLineOf(id: string, source: SheetSource): Promise<number> {
    const top: SheetRow[] = [];
    for await (const row of rowsElsewhere(this.uploads.fileOf(id), source)) {
      if (top.push(row) >= MOST_ABOVE) break;
    }
    const found = headingRow(this.kinds(), top);
    if (!found) throw new SheetRefused('empty', 'The sheet has no rows.');
    return found.line;
  }

  /** The headings of a sheet, and the first rows under them. */
  private async topOf(
    id: string,
    source: SheetSource,
    headingLine: number,
  ): Promise<Pick<Upload, 'headings' | 'samples'>> {
    const top: SheetRow[] = [];
    for await (const row of rowsElsewhere(this.uploads.fileOf(id), source)) {
      if (row.line < headingLine) continue;
      if (top.push(row) > SAMPLES) break;
    }
    const [first, ...samples] = top;
    const width = Math.max(...top.map(({ cells }) => cells.length), 0);
    const headings = Array.from({ length: width }, (_, at) => headingOf(first?.cells[at]) ?? columnName(at));
    return { headings, samples: samples.map(({ cells }) => headings.map((_, at) => cells[at] ?? '')) };
  }

  private async view(upload: Upload, progress = this.running.get(upload.id)): Promise<UploadView> {
    const language = upload.reading?.language ?? 'fr';
    return {
      ...upload,
      proposals: await this.proposals(upload.headings),
      // What is written down a moment before the work is over is not told before it is.
      ...(progress && { progress: { done: progress.done }, state: progress.state }),
      isInterrupted: !progress && (upload.state === 'checking' || upload.state === 'importing'),
      dates: (upload.outcome?.dates ?? []).map((date) => ({ ...date, phrase: datePhrase(date.edtf, language) })),
    };
  }

  private proposals(headings: string[]): Promise<UploadView['proposals']> {
    return Promise.all(
      rankKinds(this.kinds(), headings).map(async ({ kind, columns: guessed }) => {
        const { state: known } = await this.repository.loadCached(mappingDecider, mappingId(kind.id, headings));
        if (!known) return { kind: kind.id, columns: guessed, aliases: {}, isRemembered: false };
        const columns = Object.fromEntries(
          Object.entries(known.columns).map(([column, heading]) => [column, headings.indexOf(heading)]),
        );
        return { kind: kind.id, columns, aliases: known.aliases, isRemembered: true };
      }),
    );
  }
}

/** What stands over a column; undefined for what is empty, and for what is no heading: too long, or with control characters. */
const headingOf = (cell = ''): string | undefined => heading.safeParse(cell).data;

/** Why a command was refused, said of the cell that it is about where that is known. */
function refusal({ code, message }: Fate, { dated }: ReadRow): CellProblem {
  if (!code?.endsWith('DATED_IN_FUTURE') || !dated) return problemOf('refused', message!);
  return { ...problemOf('in-future', dated.value), column: dated.column };
}
