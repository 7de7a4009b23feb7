import { Injectable } from '@nestjs/common';
import {
  type Actor,
  type CommandEnvelope,
  Commands,
  derivedId,
  eachOf,
  later,
  type Position,
  Refusal,
  Repository,
} from '#event-sourcing';
import { authorise, DESK } from '#roles';
import { inWorker, workerTask, workWithin } from '#workers';
import type { LineOf } from '#yaml';
import { CATEGORY_OF, type ImportStep, SECTIONS, type Section, sectionOf } from './import-plan.js';
import type { FileDefect, Portfolio } from './portfolio-file.js';
import { type PreparedImport, prepare, prepareText } from './preparing.js';

/** What became, or would become, of one command of an import. */
export interface Fate {
  line: number;
  section: Section;
  id: string;
  command: string;
  fate: 'applied' | 'unchanged' | 'refused';
  /** Why it was refused. */
  code?: string;
  message?: string;
}

export interface ImportReport {
  dryRun: boolean;
  applied: number;
  unchanged: number;
  refused: number;
  rows: Fate[];
  /** The position that a read should wait for; absent when nothing was appended. */
  position?: string;
}

/** Thrown when a file cannot be imported; nothing of it was. Lists every defect with its line. */
export class FileRefused extends Refusal {
  readonly code = 'IMPORT.FILE_REFUSED';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(readonly defects: FileDefect[]) {
    super(`The file has ${defects.length} defect(s); nothing was imported.`);
    this.details = { errors: defects };
  }
}

/** In whose name and from where commands are given, which belong together. */
export interface ImportSource {
  actor: Actor;
  /** Names the source for good. */
  id: string;
  /** Whether the source itself defines what a command of it refers to. */
  isAnnounced?(category: string, id: string): boolean;
}

export interface ImportOptions {
  actor: Actor;
  /** Say what would happen, and change nothing. */
  dryRun?: boolean;
  /** The file is the product's own, which nobody needs to be guarded against: it is read at once, without a worker. */
  isOurs?: boolean;
  /** Ends the reading of the file; what has begun to be imported is finished. */
  signal?: AbortSignal;
  /** @param applied how many of those done have changed something */
  onProgress?(done: number, total: number, applied: number): void;
}

type Chain = Required<Pick<CommandEnvelope, 'actor' | 'correlationId' | 'source'>> &
  Pick<CommandEnvelope, 'isAnnounced'>;

const preparing = workerTask<typeof prepareText>('portfolio/preparing', 'prepareText');
const LONGEST_REHEARSAL_MS = 120_000;
/** So many subjects of a section are imported side by side. */
const AT_A_TIME = 32;

/** Imports portfolio files: a list of ordinary commands, each safe to give again. */
@Injectable()
export class Importer {
  constructor(
    private readonly commands: Commands,
    private readonly repository: Repository,
  ) {}

  /**
   * Imports a file, or rehearses that.
   *
   * @throws FileRefused when the file as a whole is bad: not YAML, against the schema, references to nothing
   * @throws Forbidden when the actor may not
   */
  async import(text: string, options: ImportOptions): Promise<ImportReport> {
    authorise(options.actor, 'Import', DESK);
    if (options.isOurs) return this.carryOutAll(prepareText(text), options);
    const prepared = await inWorker(preparing, [text], {
      what: 'Reading the file',
      advice: 'Divide it.',
      within: 120_000,
      megabytes: 1_024,
      size: text.length,
      signal: options.signal,
    });
    return this.carryOutAll(prepared, options);
  }

  /**
   * Imports what was read from a file of any kind, or rehearses that.
   *
   * @throws FileRefused when it refers to nothing
   */
  async importPortfolio(portfolio: Portfolio, lineOf: LineOf, options: ImportOptions): Promise<ImportReport> {
    authorise(options.actor, 'Import', DESK);
    return this.carryOutAll(prepare(portfolio, lineOf), options);
  }

  private async carryOutAll(prepared: PreparedImport, options: ImportOptions): Promise<ImportReport> {
    const { defects, open, steps } = prepared;
    for (const { section, id, line, field } of open) {
      if (!(await this.repository.exists(CATEGORY_OF[section], id)))
        defects.push({
          line,
          field,
          rule: 'reference',
          message: `'${id}' is not among the ${section}, neither in this file nor on record`,
        });
    }
    if (defects.length > 0) throw new FileRefused(defects.sort((a, b) => a.line - b.line));

    const source = { actor: options.actor, id: prepared.source, isAnnounced: announcedBy(steps) };
    const during = workWithin(LONGEST_REHEARSAL_MS, 'Trying what the file says', 'Divide it.', options.signal);
    const rows: Fate[] = [];
    let applied = 0;
    let position: Position | undefined;
    for (const section of SECTIONS) {
      const subjects = Map.groupBy(
        steps.filter(({ to }) => to === CATEGORY_OF[section]),
        ({ subject }) => subject,
      );
      await eachOf([...subjects], AT_A_TIME, async ([subject, itsSteps]) => {
        const outcome = options.dryRun
          ? await this.rehearse(subject, itsSteps, source, { during })
          : await this.carryOut(subject, itsSteps, source);
        rows.push(...outcome.fates);
        applied += outcome.fates.filter(({ fate }) => fate === 'applied').length;
        position = later(position, outcome.position);
        options.onProgress?.(rows.length, steps.length, applied);
      });
    }
    rows.sort((a, b) => a.line - b.line);
    const count = (fate: Fate['fate']) => rows.filter((row) => row.fate === fate).length;
    return {
      dryRun: options.dryRun ?? false,
      applied,
      unchanged: count('unchanged'),
      refused: count('refused'),
      rows,
      ...(position !== undefined && { position: String(position) }),
    };
  }

  /**
   * Gives the commands of one subject one after the other.
   *
   * @param isNew nobody has seen the subject yet: the log is only asked where that turns out wrong
   */
  async carryOut(subject: string, steps: ImportStep[], source: ImportSource, isNew = false): Promise<Outcome> {
    const chain = chainOf(source);
    const fates: Fate[] = [];
    let position: Position | undefined;
    for (const step of steps) {
      const { to, command, commandId, line } = step;
      const envelope = { ...chain, commandId, isNew, source: { ...chain.source, line } };
      try {
        const outcome = await this.commands.deliver(to, subject, command, envelope);
        position = later(position, outcome.position);
        fates.push(fateOf(step, outcome.events));
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) throw error;
        fates.push(fateOf(step, error));
      }
    }
    return { fates, position };
  }

  /**
   * What the commands of one subject would come to; nothing is appended.
   *
   * @param isNew nobody has seen the subject yet: the log is not asked
   * @param during waited for at each step, so that others have their turn
   */
  async rehearse(
    subject: string,
    steps: ImportStep[],
    source: ImportSource,
    { isNew = false, during }: { isNew?: boolean; during?: () => Promise<void> | undefined } = {},
  ): Promise<Outcome> {
    const chain = chainOf(source);
    const parcels = steps.map(({ command, commandId }) => ({ command, envelope: { ...chain, commandId, isNew } }));
    const outcomes = await this.commands.rehearse(steps[0]!.to, subject, parcels, during);
    return { fates: outcomes.map((outcome, index) => fateOf(steps[index]!, outcome)), position: undefined };
  }
}

/** What became of the commands of one subject, and the position that a read should wait for. */
interface Outcome {
  fates: Fate[];
  position: Position | undefined;
}

/** Whether an import itself brings a subject in, before or after it is referred to. */
function announcedBy(steps: ImportStep[]): (category: string, id: string) => boolean {
  const announced = new Set(steps.map(({ to, subject }) => `${to}-${subject}`));
  return (category, id) => announced.has(`${category}-${id}`);
}

const chains = new WeakMap<ImportSource, Chain>();

function chainOf(source: ImportSource): Chain {
  const { actor, id, isAnnounced } = source;
  const chain = chains.get(source) ?? {
    actor,
    correlationId: derivedId('import', id),
    source: { kind: 'import', file: id },
    ...(isAnnounced && { isAnnounced }),
  };
  chains.set(source, chain);
  return chain;
}

function fateOf({ line, to, subject, command }: ImportStep, outcome: unknown[] | Error): Fate {
  const row = { line, section: sectionOf(to), id: subject, command: command.type };
  if (Array.isArray(outcome)) return { ...row, fate: outcome.length > 0 ? 'applied' : 'unchanged' };
  return {
    ...row,
    fate: 'refused',
    ...(outcome instanceof Refusal && { code: outcome.code }),
    message: outcome.message,
  };
}
