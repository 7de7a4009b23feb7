import { specification } from '#event-sourcing';
import { mappingCommands, mappingDecider } from './mapping.js';

const mapping = { kind: 'projects', headings: ['N°', 'Projet'], columns: { title: 'Projet' }, aliases: {} };
const mapped = { type: 'ColumnsMapped' as const, data: mapping, effectiveOn: '2026-03-02' };

describe('how the columns of a sheet are mapped', () => {
  it('is remembered once, until it is said otherwise', () => {
    const other = { ...mapping, columns: { title: 'N°' } };
    specification(mappingDecider)
      .given()
      .when({ type: 'MapColumns', ...mapping })
      .then(mapped);
    specification(mappingDecider)
      .given(mapped)
      .when({ type: 'MapColumns', ...mapping })
      .thenNothingHappens();
    specification(mappingDecider)
      .given(mapped)
      .when({ type: 'MapColumns', ...other })
      .then({ ...mapped, data: other });
  });

  it('names columns in text', () => {
    const { schema } = mappingCommands.definitions.MapColumns;
    expect(schema.safeParse(mapping).success).toBe(true);
    expect(schema.safeParse({ ...mapping, headings: ['a\u0000'] }).success).toBe(false);
  });
});
