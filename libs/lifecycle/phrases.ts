import { datePhrase } from '#calendar';
import type { DocumentType, Labels, RequiredField, TransitionEvent } from './definition.js';
import type { Awaited } from './entry-into-force.js';
import type { Missing } from './requirements.js';

/** A sentence around a day, which each language says in its own way. */
const dated = (day: string, sentence: (fr: string, en: string, ar: string) => Labels): Labels =>
  sentence(datePhrase(day, 'fr'), datePhrase(day, 'en'), datePhrase(day, 'ar'));

const label = (fr: string, en: string, ar: string): Labels => ({ fr, en, ar });

const DOCUMENTS: Record<DocumentType, Labels> = {
  draft: label('le projet de texte', 'the draft', 'مشروع النص'),
  'final-text': label('le texte finalisé', 'the final text', 'النص النهائي'),
  'legal-opinion': label('l’avis juridique', 'the legal opinion', 'الرأي القانوني'),
  'financial-sheet': label('la fiche financière', 'the financial sheet', 'البطاقة المالية'),
  'full-powers': label('les pleins pouvoirs', 'the full powers', 'أوراق التفويض'),
  authorisation: label('l’autorisation de signature', 'the authorisation to sign', 'الإذن بالتوقيع'),
  'signed-text': label('le texte signé', 'the signed text', 'النص الموقع'),
  'instrument-of-ratification': label(
    'l’instrument de ratification',
    'the instrument of ratification',
    'وثيقة المصادقة',
  ),
  notification: label('la notification', 'the notification', 'الإشعار'),
  translation: label('la traduction', 'the translation', 'الترجمة'),
  other: label('un autre document', 'another document', 'وثيقة أخرى'),
};

/** What a document is called in each language. */
export const labelsOfDocument = (type: DocumentType): Labels => DOCUMENTS[type];

const FIELDS: Record<RequiredField, Labels> = {
  owner: label('le responsable', 'the owner', 'المسؤول'),
  binding: label('le caractère contraignant', 'whether it binds', 'الطابع الملزم'),
  framework: label('le cadre', 'the framework', 'الإطار'),
  source: label('la source', 'the source', 'المصدر'),
};

const EVENTS: Partial<Record<TransitionEvent, Labels>> = {
  AgreementSubmitted: label('la soumission à consultation', 'its submission for review', 'الإحالة على المشاورة'),
  AgreementInitialled: label('le paraphe', 'its initialling', 'التوقيع بالأحرف الأولى'),
  AgreementApproved: label('l’autorisation de signature', 'its authorisation', 'الإذن بالتوقيع'),
  AgreementSentForSignature: label('la mise à la signature', 'its sending for signature', 'عرضه على التوقيع'),
  AgreementSigned: label('la signature', 'its signature', 'التوقيع'),
  AgreementRatified: label('la ratification', 'its ratification', 'المصادقة'),
  AgreementEnteredIntoForce: label('l’entrée en vigueur', 'its entry into force', 'الدخول حيز التنفيذ'),
};

/**
 * What is missing, as a sentence for a clerk, in each language.
 *
 * @param partyName gives the name of a party
 */
export function phraseOf(missing: Missing, partyName: (party: string) => string): Labels {
  switch (missing.code) {
    case 'SIGNATURE_MISSING': {
      const who = signatory(missing, partyName);
      return label(
        `La signature manque pour : ${who}.`,
        `The signature is missing for: ${who}.`,
        `ينقص توقيع: ${who}.`,
      );
    }
    case 'INITIALS_MISSING': {
      const who = signatory(missing, partyName);
      return label(
        `Le paraphe manque pour : ${who}.`,
        `The initials are missing for: ${who}.`,
        `ينقص التوقيع بالأحرف الأولى: ${who}.`,
      );
    }
    case 'FULL_POWERS_MISSING': {
      const who = signatory(missing, partyName);
      return label(
        `Les pleins pouvoirs manquent pour : ${who}.`,
        `Full powers are missing for: ${who}.`,
        `تنقص أوراق التفويض: ${who}.`,
      );
    }
    case 'SIGNATURES_MISSING': {
      const { signed, wanted } = missing;
      return label(
        `${signed} signature(s) sur ${wanted} requises.`,
        `${signed} of ${wanted} required signature(s).`,
        `${signed} من ${wanted} توقيعات مطلوبة.`,
      );
    }
    case 'VISA_MISSING':
      return label(
        `Visa requis : ${missing.labels.fr}.`,
        `Visa required: ${missing.labels.en}.`,
        `تأشيرة مطلوبة: ${missing.labels.ar}.`,
      );
    case 'DOCUMENT_MISSING': {
      const { fr, en, ar } = DOCUMENTS[missing.document];
      return label(`Document à joindre : ${fr}.`, `Document to attach: ${en}.`, `وثيقة يجب إرفاقها: ${ar}.`);
    }
    case 'FIELD_MISSING': {
      const { fr, en, ar } = FIELDS[missing.field];
      return label(`À renseigner : ${fr}.`, `To be filled: ${en}.`, `يجب ملء: ${ar}.`);
    }
    case 'NOT_YET_MADE': {
      const { fr, en, ar } = EVENTS[missing.event] ?? label(missing.event, missing.event, missing.event);
      return label(`Attend ${fr}.`, `Waits for ${en}.`, `في انتظار ${ar}.`);
    }
    case 'TOO_EARLY':
      return dated(missing.from, (fr, en, ar) =>
        label(`Possible à partir du ${fr}.`, `Possible from ${en} on.`, `ممكن ابتداء من ${ar}.`),
      );
    case 'TOO_LATE':
      return dated(missing.until, (fr, en, ar) =>
        label(`N’était possible que jusqu’au ${fr}.`, `Was possible until ${en}.`, `كان ممكنا إلى غاية ${ar}.`),
      );
    case 'AWAITED':
      return phraseOfAwaited(missing.awaited, partyName);
    case 'NOT_IN_FORCE':
      return dated(missing.on, (fr, en, ar) =>
        label(`Entre en vigueur le ${fr}.`, `Enters into force on ${en}.`, `يدخل حيز التنفيذ في ${ar}.`),
      );
    case 'TERM_RUNS':
      if (!missing.until) return label('La durée n’a pas de terme.', 'It has no end.', 'المدة غير محددة.');
      return dated(missing.until, (fr, en, ar) =>
        label(`En vigueur jusqu’au ${fr}.`, `In force until ${en}.`, `ساري المفعول إلى ${ar}.`),
      );
    case 'CONDITION':
      return missing.labels;
    default:
      return missing satisfies never;
  }
}

const signatory = (slot: { party: string; capacity?: string | undefined }, partyName: (party: string) => string) =>
  `${partyName(slot.party)}${slot.capacity ? ` (${slot.capacity})` : ''}`;

const ROLES: Record<string, Labels> = {
  officer: label('chargé de dossier', 'officer', 'مكلف بالملف'),
  approver: label('approbateur', 'approver', 'صاحب التأشير'),
  administrator: label('administrateur', 'administrator', 'مسير النظام'),
};

/** That something is reserved for roles, as a sentence in each language. */
export function phraseOfRoles(roles: readonly string[]): Labels {
  const names = (language: keyof Labels) => roles.map((role) => ROLES[role]?.[language] ?? role).join(', ');
  return label(
    `Réservé au rôle : ${names('fr')}.`,
    `Reserved for the role: ${names('en')}.`,
    `مخصص للدور: ${names('ar')}.`,
  );
}

/** What keeps a user from giving a visa. */
export type VisaObstacle =
  | { code: 'ROLE'; roles: string[] }
  | { code: 'AFTER'; labels: Labels }
  /** By whoever drafted it (no labels), or gave that other visa. */
  | { code: 'SAME_PERSON'; labels?: Labels | undefined };

export function phraseOfVisaObstacle(obstacle: VisaObstacle): Labels {
  if (obstacle.code === 'ROLE') return phraseOfRoles(obstacle.roles);
  if (obstacle.code === 'AFTER') {
    const { fr, en, ar } = obstacle.labels;
    return label(`Vient après le visa : ${fr}.`, `Comes after the visa: ${en}.`, `تأتي بعد التأشيرة: ${ar}.`);
  }
  if (!obstacle.labels) {
    return label(
      'À donner par une autre personne que celle qui a rédigé l’accord.',
      'To be given by somebody other than whoever drafted the agreement.',
      'يجب أن تمنحها جهة غير التي صاغت الاتفاق.',
    );
  }
  const { fr, en, ar } = obstacle.labels;
  return label(
    `À donner par une autre personne que celle du visa : ${fr}.`,
    `To be given by somebody other than whoever gave the visa: ${en}.`,
    `يجب أن يمنحها شخص غير الذي منح التأشيرة: ${ar}.`,
  );
}

/** What entry into force waits for, as a sentence in each language. */
export function phraseOfAwaited(awaited: Awaited, partyName: (party: string) => string): Labels {
  switch (awaited.code) {
    case 'SIGNATURES': {
      const who = awaited.parties.map(partyName).join(', ');
      return label(
        `Attend la signature de : ${who}.`,
        `Waits for the signature of: ${who}.`,
        `في انتظار توقيع: ${who}.`,
      );
    }
    case 'CONSENTS': {
      const who = awaited.parties.map(partyName).join(', ');
      return label(
        `Attend la notification ou l’instrument de : ${who}.`,
        `Waits for the notification or instrument of: ${who}.`,
        `في انتظار إشعار أو وثيقة: ${who}.`,
      );
    }
    case 'COUNT': {
      const { have, want } = awaited;
      return label(`${have} instruments sur ${want}.`, `${have} of ${want} instruments.`, `${have} من ${want} وثائق.`);
    }
    case 'GROUP': {
      const { have, want } = awaited;
      return label(
        `${have} instruments sur ${want} du groupe requis.`,
        `${have} of ${want} instruments of the required group.`,
        `${have} من ${want} وثائق المجموعة المطلوبة.`,
      );
    }
    case 'WEIGHT': {
      const { have, want } = awaited;
      return label(
        `Poids réuni : ${have} sur ${want}.`,
        `Weight so far: ${have} of ${want}.`,
        `الوزن الحالي: ${have} من ${want}.`,
      );
    }
    default:
      return awaited satisfies never;
  }
}
