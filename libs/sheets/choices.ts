import { labelsOf } from '#audit';
import type { Labels } from '#lifecycle';

export const AGREEMENT_TYPES: Record<string, Labels> = labelsOf('type');
export const BINDING: Record<string, Labels> = labelsOf('binding');
export const PARTNER_ROLES: Record<string, Labels> = labelsOf('role');

export const YES_NO: Record<string, Labels> = {
  yes: { fr: 'oui', en: 'yes', ar: 'نعم' },
  no: { fr: 'non', en: 'no', ar: 'لا' },
};

export const PROJECT_STATUS: Record<string, Labels> = {
  planned: { fr: 'En attente de démarrage', en: 'Not started yet', ar: 'لم ينطلق بعد' },
  implementation: { fr: 'En cours', en: 'Under way', ar: 'جار' },
  suspended: { fr: 'Suspendu', en: 'Suspended', ar: 'معلق' },
  closed: { fr: 'Clos', en: 'Closed', ar: 'مختتم' },
  cancelled: { fr: 'Annulé', en: 'Cancelled', ar: 'ملغى' },
};

export const MILESTONE_STATUS: Record<string, Labels> = {
  planned: { fr: 'Prévu', en: 'Planned', ar: 'مبرمج' },
  reached: { fr: 'Atteint', en: 'Reached', ar: 'منجز' },
  dropped: { fr: 'Abandonné', en: 'Dropped', ar: 'متخلى عنه' },
};

export const MEETING_KINDS: Record<string, Labels> = {
  audience: { fr: 'Audience', en: 'Audience', ar: 'استقبال' },
  'joint-commission': { fr: 'Commission mixte', en: 'Joint commission', ar: 'لجنة مشتركة' },
  'steering-committee': { fr: 'Comité de pilotage', en: 'Steering committee', ar: 'لجنة القيادة' },
  ministerial: { fr: 'Rencontre ministérielle', en: 'Ministerial meeting', ar: 'لقاء وزاري' },
  technical: { fr: 'Réunion technique', en: 'Technical meeting', ar: 'اجتماع تقني' },
};

export const ORGANISATION_KINDS: Record<string, Labels> = {
  state: { fr: 'État', en: 'State', ar: 'دولة' },
  ministry: { fr: 'Ministère', en: 'Ministry', ar: 'وزارة' },
  agency: { fr: 'Agence', en: 'Agency', ar: 'وكالة' },
  embassy: { fr: 'Ambassade', en: 'Embassy', ar: 'سفارة' },
  'local-government': { fr: 'Collectivité territoriale', en: 'Local government', ar: 'جماعة ترابية' },
  'private-sector': { fr: 'Secteur privé', en: 'Private sector', ar: 'قطاع خاص' },
  'international-organisation': {
    fr: 'Organisation internationale',
    en: 'International organisation',
    ar: 'منظمة دولية',
  },
  'civil-society': { fr: 'Société civile', en: 'Civil society', ar: 'مجتمع مدني' },
  academia: { fr: 'Université ou recherche', en: 'Academia', ar: 'جامعة أو بحث' },
};
