/** Codelists of IATI 2.03, as far as projects use them, and what they are here. */

/** ActivityStatus. Finalisation (3) is implementation here: nothing tells the two apart. */
export const STATUS = { planned: '1', implementation: '2', closed: '4', cancelled: '5', suspended: '6' } as const;
export const STATUS_OF: Record<string, keyof typeof STATUS> = {
  1: 'planned',
  2: 'implementation',
  3: 'implementation',
  4: 'closed',
  5: 'cancelled',
  6: 'suspended',
};

/** OrganisationRole: 1 funding, 2 accountable, 3 extending, 4 implementing. Beneficiaries and committees have no code. */
export const ROLE: Record<string, string | undefined> = {
  funding: '1',
  lead: '2',
  extending: '3',
  implementing: '4',
  'consortium-lead': '4',
  'consortium-member': '4',
  partner: '4',
};
export const ROLE_OF: Record<string, string> = { 1: 'funding', 2: 'lead', 3: 'extending', 4: 'implementing' };

/** OrganisationType. */
export const ORGANISATION_TYPE: Record<string, string> = {
  state: '10',
  ministry: '10',
  agency: '15',
  embassy: '10',
  'local-government': '11',
  'private-sector': '70',
  'international-organisation': '40',
  'civil-society': '22',
  academia: '80',
};
export const KIND_OF: Record<string, string> = {
  10: 'ministry',
  11: 'local-government',
  15: 'agency',
  21: 'civil-society',
  22: 'civil-society',
  23: 'civil-society',
  24: 'civil-society',
  30: 'private-sector',
  40: 'international-organisation',
  60: 'civil-society',
  70: 'private-sector',
  71: 'private-sector',
  72: 'private-sector',
  73: 'private-sector',
  80: 'academia',
};

/** ActivityDateType: planned and actual, start and end. */
export const DATE = { plannedStart: '1', actualStart: '2', plannedEnd: '3', actualEnd: '4' } as const;

/** TransactionType: what a funder committed to, and what came. */
export const TRANSACTION = { commitment: '11', disbursement: '1' } as const;
