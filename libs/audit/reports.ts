import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { datePhrase, type Language } from '#calendar';
import { type Actor, type Clock, EventStore } from '#event-sourcing';
import { MentionPeople } from '#people';
import { type SignedCheckpoint, TransparencyLog } from '#transparency';
import { BYTE_ORDER_MARK, CLOCK, csvRow } from '#web-api';
import { inWorker, workerTask, workWithin } from '#workers';
import type { HistoryEntry } from './history.queries.js';
import type { pdfReport, Report, ReportEntry } from './pdf-report.js';
import { actorOf, eventName, sayField, sayValue, sentenceOf, type Words } from './sentence.js';
import { type StoryEntry, type StoryFilter, TellStory } from './story.js';
import { Wording } from './wording.js';

/** Where people reach the pages. Injection token. */
export const BASE_URL = Symbol('BaseUrl');

const PAGE = 200;
/** A printed report has so many events at most; sheets have no such end. */
const MOST_PRINTED = 5_000;
/** Milliseconds for printing, and megabytes: a report of as many events as it may have takes a third of each. */
const PRINTING = {
  what: 'Printing the report',
  advice: 'Ask for a shorter period, or for CSV or JSON Lines, which have no such limit.',
  within: 180_000,
  megabytes: 1_024,
};
const printing = workerTask<typeof pdfReport>('audit/pdf-report', 'pdfReport');
const TIME_ZONE = 'UTC';
const COLUMNS = [
  'position',
  'recordedAt',
  'effectiveOn',
  'actor',
  'roles',
  'subject',
  'title',
  'sentence',
  'details',
  'type',
  'event',
] as const;

export interface ReportOptions {
  language: Language;
  filter: StoryFilter;
  actor: Actor;
  /** Ends the work, as when the client has left. */
  signal?: AbortSignal | undefined;
}

/** Stories as files that leave the house: each event in words, with what it is and where it stands in the log. */
@Injectable()
export class Reports {
  constructor(
    private readonly queries: QueryBus,
    private readonly wording: Wording,
    private readonly eventStore: EventStore,
    private readonly transparency: TransparencyLog,
    @Inject(BASE_URL) private readonly baseUrl: string,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The story, the latest first, entry by entry however long it is, with what its ids stand for. */
  async *story(
    filter: StoryFilter,
    most = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<{ entry: StoryEntry; names: Record<string, string> }> {
    let told = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await this.queries.execute(new TellStory({ ...filter, limit: PAGE, ...(cursor && { cursor }) }));
      for (const entry of page.items) {
        if (told++ >= most) return;
        yield { entry, names: page.names };
      }
      if (!page.next) return;
      cursor = page.next;
    }
  }

  /** The story as a sheet, a row an event, in words. */
  async *csv(filter: StoryFilter, language: Language): AsyncGenerator<string> {
    const { say } = this.wording.in(language);
    yield BYTE_ORDER_MARK + csvRow(COLUMNS.map((column) => say(`column.${column}`)));
    for await (const { entry, names } of this.story(filter)) {
      const words = this.wording.in(language, names);
      const cells: Record<(typeof COLUMNS)[number], string> = {
        position: entry.position,
        recordedAt: entry.recordedAt,
        effectiveOn: datePhrase(entry.effectiveOn.edtf, language),
        actor: actorOf(entry.actor, words),
        roles: (entry.actor.roles ?? []).map((role) => say(`userRole.${role}`)).join(', '),
        subject: `${entry.category}/${entry.subject}`,
        title: entry.title,
        sentence: sentenceOf(entry, words),
        details: detailsOf(entry, words).join(' · '),
        type: entry.type,
        event: entry.id,
      };
      yield csvRow(COLUMNS.map((column) => cells[column]));
    }
  }

  /** The story as JSON Lines, an event a line, with its sentence. */
  async *lines(filter: StoryFilter, language: Language): AsyncGenerator<string> {
    for await (const { entry, names } of this.story(filter)) {
      yield `${JSON.stringify({ ...entry, sentence: sentenceOf(entry, this.wording.in(language, names)) })}\n`;
    }
  }

  /**
   * The story as a PDF that can be filed, with the query, the position of the log and the checkpoint that it was made at. Where there is
   * more than a printed report may have, its cover says so.
   *
   * @throws TooCostly
   */
  async pdf({ language, filter, actor, signal }: ReportOptions): Promise<Buffer> {
    const during = workWithin(PRINTING.within, PRINTING.what, PRINTING.advice, signal);
    const position = (await this.eventStore.head())?.position;
    const signed = await this.transparency.covering(position);
    const words = this.wording.in(language);
    const entries: ReportEntry[] = [];
    let isCut = false;
    for await (const { entry, names } of this.story(filter, MOST_PRINTED + 1)) {
      await during();
      if (entries.length === MOST_PRINTED) isCut = true;
      else entries.push(this.entryOf(entry, this.wording.in(language, names)));
    }
    const more = words.say('report.more', { count: MOST_PRINTED });
    const people = await this.queries.execute(new MentionPeople([actor.id]));
    const date = instantIn(language, this.clock.now().toISOString());
    const asked = Object.entries(filter).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} = ${value}`],
    );
    const report: Report = {
      language,
      title: titleOf(filter, words),
      preamble: [
        `${words.say('report.query')} : ${asked.join(' · ') || '–'}`,
        words.say('report.madeAt', { date, name: people.get(actor.id)?.name ?? actor.id }),
        words.say('report.position', { position: position === undefined ? '–' : String(position) }),
        checkpointIn(words, signed),
        words.say('report.events', { count: entries.length }),
        ...(isCut ? [more] : []),
      ],
      entries: [
        ...(entries.length > 0 ? entries : [{ title: words.say('report.none'), lines: [] }]),
        ...(isCut ? [{ title: more, lines: [] }] : []),
      ],
      foot: `${signed.checkpoint.origin} · ${signed.checkpoint.size} · ${signed.checkpoint.root.toString('base64').slice(0, 16)}…`,
      // Filled in where the pages are counted.
      pageOf: words.say('report.page', { page: '{page}', pages: '{pages}' }),
    };
    const { buffer, byteOffset, byteLength } = await inWorker(printing, [report], { ...PRINTING, signal });
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  private entryOf(entry: StoryEntry, words: Words): ReportEntry {
    return {
      title: `${entry.title} – ${sentenceOf(entry, words)}`,
      lines: detailsOf(entry, words),
      link: `${this.baseUrl}/audit?event=${entry.id}`,
    };
  }
}

/** What there is to say of an event beside its sentence. */
export function detailsOf(entry: HistoryEntry, words: Words): string[] {
  const { say, language } = words;
  const { reason, note, text } = entry.data as { reason?: string; note?: string; text?: string };
  const roles = (entry.actor.roles ?? []).map((role) => say(`userRole.${role}`)).join(', ');
  const who = `${actorOf(entry.actor, words)}${roles ? ` (${roles})` : ''}`;
  const source = entry.source ? ` ${say(`source.${entry.source.kind}`, { ...entry.source })}` : '';
  return [
    say('report.effective', { date: datePhrase(entry.effectiveOn.edtf, language) }),
    `${say('report.recorded', { date: instantIn(language, entry.recordedAt), actor: who })}${source}`,
    ...(reason ? [say('report.reason', { reason })] : []),
    ...[note, text].flatMap((said) => said ?? []),
    ...entry.changes.map(
      ({ field, before, after }) =>
        `${sayField(field, words)} : ${sayValue(field, before, words)} → ${sayValue(field, after, words)}`,
    ),
    ...(entry.cause ? [say('report.because', { event: eventName(entry.cause.type, say) })] : []),
    say('report.event', { id: entry.id, position: entry.position }),
  ];
}

/** What happened within a period is what changed from its first day to its last. */
function titleOf({ from, until }: StoryFilter, { say, date }: Words): string {
  if (!from || !until) return say('report.title');
  return say('report.changed', { from: date(from.slice(0, 10)), until: date(until.slice(0, 10)) });
}

const checkpointIn = ({ say }: Words, { checkpoint }: SignedCheckpoint): string =>
  say('report.checkpoint', { size: checkpoint.size, root: checkpoint.root.toString('base64') });

/** An instant in words, by the one clock that reads alike everywhere. */
export const instantIn = (language: Language, iso: string): string =>
  `${new Date(iso).toLocaleString(language === 'ar' ? 'ar-MA-u-nu-latn' : language, { dateStyle: 'long', timeStyle: 'medium', timeZone: TIME_ZONE })} ${TIME_ZONE}`;
