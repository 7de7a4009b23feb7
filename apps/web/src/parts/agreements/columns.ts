/** The columns of the table, by the names that the server exports and sorts by. */
export const COLUMNS = [
  { id: 'title', width: 'minmax(320px, 4fr)', sort: 'title' },
  { id: 'stage', width: '212px', sort: 'stage' },
  { id: 'type', width: 'minmax(130px, 1fr)', sort: 'type' },
  { id: 'countries', width: '100px' },
  { id: 'owner', width: 'minmax(130px, 1fr)', sort: 'owner' },
  { id: 'waiting', width: '224px', sort: 'waiting' },
  { id: 'signatures', width: '90px' },
  { id: 'signed', width: '130px', sort: 'signed' },
  { id: 'due', width: '112px', sort: 'due' },
] as const;

export type ColumnName = (typeof COLUMNS)[number]['id'];

const USUAL: ColumnName[] = ['title', 'stage', 'countries', 'owner', 'waiting', 'due'];

export const chosenColumns = (chosen: string[]): ColumnName[] => {
  const known = COLUMNS.map(({ id }) => id).filter((id) => chosen.includes(id));
  return known.length > 0 ? known : USUAL;
};
