import { Inject, Injectable } from '@nestjs/common';
import { type Actor, type Clock, derivedId } from '#event-sourcing';
import { organisations as register } from '#organisations';
import { entrySchemas, FileRefused, Importer, type ImportReport, type Portfolio } from '#portfolio';
import { ReadStore } from '#read-store';
import { authorise, DESK } from '#roles';
import { ruleOf } from '#values';
import { CLOCK } from '#web-api';
import { breather } from '#workers';
import {
  activitiesIn,
  identifierOf,
  type ReadActivity,
  type ReadOrganisation,
  readActivity,
  UnreadableXml,
} from './reading.js';

interface Defect {
  line: number;
  field: string;
  rule: string;
  message: string;
}

/** A file may have so many activities, and its organisations are as many as they are. */
const MOST_ACTIVITIES = 20_000;

/** Makes projects, and the organisations that they name, of a published IATI file. */
@Injectable()
export class IatiImport {
  constructor(
    private readonly importer: Importer,
    private readonly readStore: ReadStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param name what the file is called; projects name it as their source
   * @throws FileRefused when it is no IATI file, or an activity cannot be kept; nothing of it is imported then
   */
  async import(
    text: AsyncIterable<string>,
    name: string,
    options: { actor: Actor; dryRun: boolean },
  ): Promise<ImportReport> {
    authorise(options.actor, 'Import', DESK);
    const activities: ReadActivity[] = [];
    try {
      const breathe = breather();
      for await (const node of activitiesIn(text)) {
        await breathe();
        activities.push(readActivity(node));
        if (activities.length > MOST_ACTIVITIES)
          throw new UnreadableXml(
            'activities',
            node.line,
            `The file has more than ${MOST_ACTIVITIES} activities. Divide it.`,
          );
      }
    } catch (error) {
      if (!(error instanceof UnreadableXml)) throw error;
      throw new FileRefused([{ line: error.line, field: '', rule: error.rule, message: error.message }]);
    }
    const { portfolio, lines } = await this.portfolioOf(activities, name);
    return this.importer.importPortfolio(
      portfolio,
      (path) => lines[path[0] as 'projects' | 'organisations']?.[path[1] as number] ?? 1,
      options,
    );
  }

  private async portfolioOf(activities: ReadActivity[], name: string) {
    const known = await this.known();
    const added = new Map<string, { id: string; name: string; kind: string }>();
    const lines = { projects: [] as number[], organisations: [] as number[] };
    const defects: Defect[] = [];
    const idOf = (organisation: ReadOrganisation, line: number): string => {
      const { ref, name: itsName, kind } = organisation;
      const found = known.get(itsName.toLowerCase());
      if (found !== undefined) return found;
      // A name in another script makes no identifier: its own one is always the same.
      const id = identifierOf(ref ?? itsName) || `org-${derivedId('iati organisation', ref ?? itsName).slice(0, 13)}`;
      if (known.has(id) || added.has(id)) return id;
      added.set(id, { id, name: itsName, kind });
      lines.organisations.push(line);
      return id;
    };
    const breathe = breather();
    const projects: (Portfolio['projects'][number] | undefined)[] = [];
    for (const { line, iatiId, project, partners, funding } of activities) {
      await breathe();
      lines.projects.push(line);
      const entry = {
        ...project,
        partners: unique(partners.map(({ organisation, role }) => ({ organisation: idOf(organisation, line), role }))),
        funding: unique(funding.map(({ by, ...money }) => ({ by: idOf(by, line), ...money }))),
      };
      const parsed = entrySchemas.projects.safeParse(entry);
      projects.push(parsed.data);
      if (parsed.success) continue;
      for (const issue of parsed.error.issues)
        defects.push({ line, field: [iatiId, ...issue.path].join('.'), rule: ruleOf(issue), message: issue.message });
    }
    const organisations = [...added.values()].flatMap((one, index) => {
      const parsed = entrySchemas.organisations.safeParse(one);
      if (parsed.success) return [parsed.data];
      const line = lines.organisations[index]!;
      for (const issue of parsed.error.issues)
        defects.push({ line, field: [one.id, ...issue.path].join('.'), rule: ruleOf(issue), message: issue.message });
      return [];
    });
    if (defects.length > 0) throw new FileRefused(defects);
    const portfolio: Portfolio = {
      format: 'portfolio/1',
      source: { id: identifierOf(`iati ${name}`), document: name, asOf: this.clock.today(), language: 'fr' },
      organisations,
      people: [],
      programmes: [],
      projects: projects as Portfolio['projects'],
      agreements: [],
      statements: [],
      meetings: [],
    };
    return { portfolio, lines };
  }

  /** The ids of the organisations on record, by id and by name. */
  private async known(): Promise<Map<string, string>> {
    const rows = await this.readStore.from(register).select(['id', 'name']).execute();
    return new Map(rows.flatMap(({ id, name }) => [[id, id] as const, [name.toLowerCase(), id] as const]));
  }
}

const unique = <Item>(items: Item[]): Item[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
];
