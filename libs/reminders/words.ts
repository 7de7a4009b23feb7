import type { Language } from '#calendar';
import type { Occasion } from './policy.js';

/** What a message says of a matter: `date` is since when, or for when; `who` are those for which it waits. */
interface Facts {
  date: string;
  who: string;
  what: string;
}

/** The words of messages in one language. */
export interface Words {
  greeting(name: string): string;
  insteadOf(name: string): string;
  subjectOne(title: string): string;
  subjectMany(count: number): string;
  newsOne(title: string): string;
  newsMany(count: number): string;
  opening: string;
  news: string;
  occasions: Record<Occasion | 'news', (facts: Facts) => string>;
  waitingFor(who: string): string;
  /** That it is the n-th reminder of the matter. */
  nth(number: number): string;
  act: string;
  closing: string;
  why: string;
}

export const WORDS: Record<Language, Words> = {
  fr: {
    greeting: (name) => `Bonjour ${name},`,
    insteadOf: (name) => `Vous recevez ce message à la place de ${name}, qui est absent(e).`,
    subjectOne: (title) => `Rappel : ${title}`,
    subjectMany: (count) => `Rappels : ${count} dossiers vous attendent`,
    newsOne: (title) => `Pour information : ${title}`,
    newsMany: (count) => `Pour information : ${count} dossiers`,
    opening: 'Ces dossiers vous attendent :',
    news: 'À votre attention :',
    occasions: {
      idle: ({ date }) => `Rien n’a bougé (${date}).`,
      'stage-deadline': ({ date }) => `L’échéance de l’étape est le ${date}.`,
      deadline: ({ date }) => `L’échéance d’ensemble est le ${date}.`,
      expiry: ({ date }) => `L’accord prend fin le ${date}.`,
      renewal: ({ date }) => `L’accord est reconduit tacitement le ${date}.`,
      notice: ({ date }) => `La dénonciation doit être notifiée au plus tard le ${date}.`,
      'full-powers': ({ date }) => `Des pleins pouvoirs manquent (${date}).`,
      documents: ({ what, date }) => `Documents à joindre : ${what} (${date}).`,
      visa: ({ what, date }) => `Visa attendu : ${what} (${date}).`,
      'follow-up': ({ what, date }) => `${what}, pour le ${date}.`,
      'signing-opportunity': ({ date }) =>
        `Une rencontre avec le partenaire est prévue (${date}) : une occasion de signer.`,
      milestone: ({ what, date }) => `Jalon : ${what}, prévu ${date}.`,
      'recurring-milestone': ({ what, date }) => `Jalon : ${what}, le ${date}.`,
      report: ({ date }) => `Le rapport d’avancement est attendu le ${date}.`,
      partner: ({ what, date }) => `Un partenaire reste à désigner : ${what} (${date}).`,
      'unknown-date': ({ what, date }) => `${what} : la date n’est pas connue, à revoir le ${date}.`,
      news: ({ date }) => `Le ${date}.`,
    },
    waitingFor: (who) => `En attente de : ${who}`,
    nth: (number) => `rappel n° ${number}`,
    act: 'Ouvrir le dossier',
    closing: 'Un rappel s’arrête de lui-même dès que le dossier avance.',
    why: 'Choisir l’heure et la forme de vos rappels',
  },
  en: {
    greeting: (name) => `Dear ${name},`,
    insteadOf: (name) => `You receive this message in the place of ${name}, who is away.`,
    subjectOne: (title) => `Reminder: ${title}`,
    subjectMany: (count) => `Reminders: ${count} files are waiting for you`,
    newsOne: (title) => `For information: ${title}`,
    newsMany: (count) => `For information: ${count} files`,
    opening: 'These files are waiting for you:',
    news: 'For your attention:',
    occasions: {
      idle: ({ date }) => `Nothing has moved (${date}).`,
      'stage-deadline': ({ date }) => `The stage is due by ${date}.`,
      deadline: ({ date }) => `The whole is due by ${date}.`,
      expiry: ({ date }) => `The agreement ends on ${date}.`,
      renewal: ({ date }) => `The agreement renews itself on ${date}.`,
      notice: ({ date }) => `Notice of denunciation must be given by ${date}.`,
      'full-powers': ({ date }) => `Full powers are missing (${date}).`,
      documents: ({ what, date }) => `Documents to attach: ${what} (${date}).`,
      visa: ({ what, date }) => `Visa awaited: ${what} (${date}).`,
      'follow-up': ({ what, date }) => `${what}, by ${date}.`,
      'signing-opportunity': ({ date }) => `A meeting with the partner is planned (${date}): an opportunity to sign.`,
      milestone: ({ what, date }) => `Milestone: ${what}, planned ${date}.`,
      'recurring-milestone': ({ what, date }) => `Milestone: ${what}, on ${date}.`,
      report: ({ date }) => `The progress report is due on ${date}.`,
      partner: ({ what, date }) => `A partner is still to be designated: ${what} (${date}).`,
      'unknown-date': ({ what, date }) => `${what}: the date is not known, to be reviewed on ${date}.`,
      news: ({ date }) => `On ${date}.`,
    },
    waitingFor: (who) => `Waiting for: ${who}`,
    nth: (number) => `reminder no. ${number}`,
    act: 'Open the file',
    closing: 'A reminder stops by itself as soon as the file moves on.',
    why: 'Choose the hour and the form of your reminders',
  },
  ar: {
    greeting: (name) => `السلام عليكم ${name}،`,
    insteadOf: (name) => `تصلكم هذه الرسالة نيابة عن ${name} بسبب الغياب.`,
    subjectOne: (title) => `تذكير: ${title}`,
    subjectMany: (count) => `تذكيرات: ${count} ملفات في انتظاركم`,
    newsOne: (title) => `للإخبار: ${title}`,
    newsMany: (count) => `للإخبار: ${count} ملفات`,
    opening: 'هذه الملفات في انتظاركم:',
    news: 'لعنايتكم:',
    occasions: {
      idle: ({ date }) => `لم يتحرك شيء (${date}).`,
      'stage-deadline': ({ date }) => `أجل المرحلة هو ${date}.`,
      deadline: ({ date }) => `الأجل العام هو ${date}.`,
      expiry: ({ date }) => `ينتهي الاتفاق في ${date}.`,
      renewal: ({ date }) => `يتجدد الاتفاق ضمنيا في ${date}.`,
      notice: ({ date }) => `يجب الإشعار بالانسحاب في أجل أقصاه ${date}.`,
      'full-powers': ({ date }) => `تنقص أوراق التفويض (${date}).`,
      documents: ({ what, date }) => `وثائق يجب إرفاقها: ${what} (${date}).`,
      visa: ({ what, date }) => `تأشيرة منتظرة: ${what} (${date}).`,
      'follow-up': ({ what, date }) => `${what}، في أجل ${date}.`,
      'signing-opportunity': ({ date }) => `لقاء مبرمج مع الشريك (${date}): فرصة للتوقيع.`,
      milestone: ({ what, date }) => `محطة: ${what}، مبرمجة ${date}.`,
      'recurring-milestone': ({ what, date }) => `محطة: ${what}، في ${date}.`,
      report: ({ date }) => `تقرير التقدم منتظر في ${date}.`,
      partner: ({ what, date }) => `شريك لم يعين بعد: ${what} (${date}).`,
      'unknown-date': ({ what, date }) => `${what}: التاريخ غير معروف، للمراجعة في ${date}.`,
      news: ({ date }) => `في ${date}.`,
    },
    waitingFor: (who) => `في انتظار: ${who}`,
    nth: (number) => `التذكير رقم ${number}`,
    act: 'فتح الملف',
    closing: 'يتوقف التذكير من تلقاء نفسه بمجرد تقدم الملف.',
    why: 'اختيار ساعة التذكيرات وشكلها',
  },
};
