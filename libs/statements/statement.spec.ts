import fc from 'fast-check';
import { keepsItsPromises, specification } from '#event-sourcing';
import { referencesIn } from '#values';
import { type StatementCommand, statementCommands, statementDecider } from './statement.js';
import { statements } from './statement.projection.js';

const particulars = {
  title: 'Signés',
  counts: 'agreements' as const,
  declared: 7,
  identified: ['a', 'b'],
  asOf: '2018',
};
const recorded = { type: 'StatementRecorded' as const, data: particulars, effectiveOn: '2018' };

describe('a statement', () => {
  it('is recorded once', () => {
    specification(statementDecider).given().when({ type: 'RecordStatement', particulars }).then(recorded);
    specification(statementDecider)
      .given(recorded)
      .when({ type: 'RecordStatement', particulars })
      .thenRefuses('STATEMENT.EXISTS');
  });

  it.each([
    ['agreements', 'agreement'],
    ['projects', 'project'],
    ['meetings', 'meeting'],
  ])('that counts %s names such as are there', (counts, category) => {
    const { schema } = statementCommands.definitions.RecordStatement;
    const command = schema.parse({ particulars: { ...particulars, counts } });
    expect(referencesIn(schema, command)).toEqual([
      { category, id: 'a', path: ['particulars', 'identified', 0] },
      { category, id: 'b', path: ['particulars', 'identified', 1] },
    ]);
  });

  it('keeps the promises of every decider', () => {
    const commands = fc.constantFrom<StatementCommand>(
      { type: 'RecordStatement', particulars },
      { type: 'RecordStatement', particulars: { ...particulars, counts: 'meetings' } },
    );
    fc.assert(fc.property(fc.array(commands), (list) => keepsItsPromises(statementDecider, statements, list)));
  });
});
