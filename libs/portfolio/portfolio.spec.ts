import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { crossCheck, importPlan } from './import-plan.js';
import { readPortfolio } from './portfolio-file.js';

const sample = readFileSync('libs/portfolio/sample/portfolio.yaml', 'utf8');

function read(text: string) {
  const file = readPortfolio(text);
  if (!('portfolio' in file)) throw new Error(JSON.stringify(file.defects));
  return file;
}

describe('the sample portfolio', () => {
  const { portfolio, lineOf } = read(sample);

  it('holds every organisation, agreement, programme, project, milestone and meeting of its source', () => {
    const { organisations, people, programmes, projects, agreements, statements, meetings } = portfolio;
    const sizes = [organisations, people, programmes, projects, agreements, statements, meetings].map(
      ({ length }) => length,
    );
    expect(sizes).toEqual([23, 18, 3, 8, 6, 6, 12]);
    expect(projects.flatMap(({ milestones = [] }) => milestones)).toHaveLength(17);
    expect(meetings.flatMap(({ participants }) => participants)).toHaveLength(18);
  });

  it('refers to nothing that it does not define, but to who is responsible', () => {
    const { defects, open } = crossCheck(portfolio, lineOf);
    expect(defects).toEqual([]);
    expect(new Set(open.map(({ section, id }) => `${section} ${id}`))).toEqual(new Set(['people demo-officer']));
  });

  it('names people nowhere but in their own entries', () => {
    const elsewhere = JSON.stringify({ ...portfolio, people: [] });
    for (const { name } of portfolio.people) expect(elsewhere).not.toContain(name);
    for (const { id, name } of portfolio.people)
      for (const word of name.toLowerCase().split(/\W+/)) if (word.length > 3) expect(id).not.toContain(word);
  });

  it('leaves the start of MBI and AMUDDU to the signature', () => {
    const starts = importPlan(portfolio, lineOf).filter(({ command }) => command.type === 'StartProject');
    expect(starts.map(({ subject }) => subject).sort()).toEqual([
      'giz-asile',
      'giz-collectivites',
      'giz-communal',
      'medma-2',
    ]);
  });
});

describe('an import plan', () => {
  it('is the same for the same file, and its command ids are all different', () => {
    const plan = () => {
      const { portfolio, lineOf } = read(sample);
      return importPlan(portfolio, lineOf);
    };
    expect(plan()).toEqual(plan());
    expect(new Set(plan().map(({ commandId }) => commandId)).size).toBe(plan().length);
  });

  it('gives a changed item another command id', () => {
    const ids = (text: string) => {
      const { portfolio, lineOf } = read(text);
      return new Set(importPlan(portfolio, lineOf).map(({ commandId }) => commandId));
    };
    const before = ids(sample);
    const after = [...ids(sample.replace('Entraide Nationale', 'Entraide nationale'))];
    expect(after.filter((id) => !before.has(id))).toHaveLength(1);
  });
});

describe('a bad file', () => {
  it.each([
    ['not YAML', 'format: [', /./],
    ['a key twice', 'format: portfolio/1\nformat: portfolio/1', /unique/],
    ['another format', 'format: portfolio/9', /portfolio\/1/],
    [
      'an unknown section',
      'format: portfolio/1\nsource: {id: a, document: a, asOf: "2020", language: fr}\ntreaties: []',
      /treaties/,
    ],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      /./,
    ],
  ])('(%s) gives defects and never throws', (_name, text, pattern) => {
    const { defects } = readPortfolio(text);
    expect(defects.length).toBeGreaterThan(0);
    expect(JSON.stringify(defects)).toMatch(pattern);
  });

  it('of any kind gives defects and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readPortfolio(text).defects.length).toBeGreaterThan(0);
      }),
    );
  });

  it('with the same id twice says on which line', () => {
    const { portfolio, lineOf } = read(sample.replace('  - id: mcmream\n', '  - id: ma\n'));
    expect(crossCheck(portfolio, lineOf).defects[0]).toMatchObject({
      line: 15,
      rule: 'unique',
      field: 'organisations.1.id',
    });
  });
});
