import type { Language } from '#calendar';
import type { Labels } from '#lifecycle';

/** What can be wrong with a row, or worth confirming, in the languages of those who keep sheets. */
const PROBLEMS = {
  missing: { fr: 'Cette cellule est obligatoire.', en: 'This cell must be filled.', ar: 'هذه الخانة إلزامية.' },
  'not-a-date': {
    fr: '« {0} » n’est pas une date. Écrivez par exemple 15/03/2018, mars 2018, 2016-2020 ou 16 et 17 mars 2017.',
    en: '“{0}” is not a date. Write for example 15/03/2018, March 2018, 2016-2020 or 16 and 17 March 2017.',
    ar: '« {0} » ليس تاريخا. اكتبوا مثلا 15/03/2018 أو مارس 2018 أو 2016-2020.',
  },
  'date-range': {
    fr: '« {0} » doit être entre 1000-01-01 et 2999-12-31.',
    en: '“{0}” must lie between 1000-01-01 and 2999-12-31.',
    ar: '« {0} » يجب أن يقع بين 1000-01-01 و2999-12-31.',
  },
  'no-date': {
    fr: '« {0} » est la « date vide » d’un autre système : aucune date n’a été prise.',
    en: '“{0}” is another system’s “no date”: no date was taken.',
    ar: '« {0} » هو « تاريخ فارغ » لنظام آخر: لم يؤخذ أي تاريخ.',
  },
  'doubtful-date': {
    fr: '« {0} » a été lu comme {1}. À confirmer.',
    en: '“{0}” was read as {1}. Please confirm.',
    ar: 'قرئ « {0} » على أنه {1}. المرجو التأكيد.',
  },
  'read-as': { fr: '« {0} » a été lu comme {1}.', en: '“{0}” was read as {1}.', ar: 'قرئ « {0} » على أنه {1}.' },
  'not-a-choice': {
    fr: '« {0} » n’est pas prévu ici. Admis : {1}.',
    en: '“{0}” is not among what is allowed here: {1}.',
    ar: '« {0} » غير مقبول هنا. المقبول: {1}.',
  },
  unknown: {
    fr: '« {0} » n’est pas connu.',
    en: '“{0}” is not on record.',
    ar: '« {0} » غير مسجل.',
  },
  'unknown-nearest': {
    fr: '« {0} » n’est pas connu. Vouliez-vous dire « {1} » ?',
    en: '“{0}” is not on record. Did you mean “{1}”?',
    ar: '« {0} » غير مسجل. هل تقصدون « {1} »؟',
  },
  ambiguous: {
    fr: '« {0} » désigne plusieurs entrées : écrivez la référence ({1}).',
    en: '“{0}” names several: write the reference ({1}).',
    ar: '« {0} » يدل على أكثر من عنصر: اكتبوا المرجع ({1}).',
  },
  invalid: { fr: '« {0} » : {1}.', en: '“{0}”: {1}.', ar: '« {0} »: {1}.' },
  duplicate: {
    fr: 'La référence « {0} » figure déjà à la ligne {1}.',
    en: 'The reference “{0}” stands in row {1} already.',
    ar: 'المرجع « {0} » موجود من قبل في السطر {1}.',
  },
  'no-reference': {
    fr: 'Aucune référence ne peut être formée pour cette ligne : donnez-lui-en une.',
    en: 'No reference can be made for this row: give it one.',
    ar: 'لا يمكن تكوين مرجع لهذا السطر: المرجو إضافته.',
  },
  fixed: {
    fr: 'Déjà enregistré comme « {0} ». Une feuille ne peut pas le changer en « {1} » : faites-le sur sa page.',
    en: 'On record as “{0}”. A sheet cannot change that to “{1}”: do it on its page.',
    ar: 'مسجل على أنه « {0} ». لا يمكن لجدول أن يغيره إلى « {1} »: المرجو تغييره في صفحته.',
  },
  merged: {
    fr: 'Cellule fusionnée ({0}) : la valeur « {1} » a été prise pour chaque ligne.',
    en: 'Merged cell ({0}): the value “{1}” was taken for every row.',
    ar: 'خانة مدمجة ({0}): أخذت القيمة « {1} » لكل سطر.',
  },
  'no-result': {
    fr: 'Cette cellule est une formule sans résultat enregistré. Ouvrez la feuille dans un tableur et enregistrez-la.',
    en: 'This cell is a formula without a kept result. Open the sheet in a spreadsheet program and save it.',
    ar: 'هذه الخانة صيغة بلا نتيجة محفوظة. افتحوا الجدول واحفظوه.',
  },
  'cell-error': {
    fr: 'Cette cellule affiche l’erreur {0}.',
    en: 'This cell shows the error {0}.',
    ar: 'تعرض هذه الخانة الخطأ {0}.',
  },
  'general-lifecycle': {
    fr: 'Le parcours de ce type n’a pas d’étape « {0} » : l’accord suit le parcours « {1} ».',
    en: 'The lifecycle of this type has no stage “{0}”: the agreement comes under “{1}”.',
    ar: 'لا توجد مرحلة « {0} » في مسار هذا النوع: يتبع الاتفاق المسار « {1} ».',
  },
  'too-long': {
    fr: 'Ce texte a plus de {0} caractères.',
    en: 'This text has more than {0} characters.',
    ar: 'هذا النص يتجاوز {0} حرفا.',
  },
  'in-future': {
    fr: '« {0} » est dans le futur : ce qui n’a pas encore eu lieu ne peut pas être enregistré.',
    en: '“{0}” is in the future: what has not happened yet cannot be recorded.',
    ar: '« {0} » في المستقبل: ما لم يقع بعد لا يمكن تسجيله.',
  },
  refused: { fr: '{0}', en: '{0}', ar: '{0}' },
} satisfies Record<string, Labels>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Something about a cell: what keeps its row from being imported, or what is to be looked at. */
export interface CellProblem {
  /** The id of the column; left out when it is about the row. */
  column?: string;
  code: ProblemCode;
  /** What the sentence names. */
  words: string[];
  /** Only to be looked at: the row is imported all the same. */
  isRemark: boolean;
  /** Which known one was meant, most likely. */
  suggestion?: { id: string; name: string };
}

export const problemOf = (code: ProblemCode, ...words: string[]): CellProblem => ({ code, words, isRemark: false });
export const remark = (code: ProblemCode, ...words: string[]): CellProblem => ({ code, words, isRemark: true });

/** Thrown by what reads a cell. */
export class CellRefused extends Error {
  readonly problem: CellProblem;
  constructor(problem: CellProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** The problem as a sentence. */
export const sentenceOf = ({ code, words }: CellProblem, language: Language): string =>
  PROBLEMS[code][language].replace(/\{(\d)\}/g, (_, at: string) => words[Number(at)] ?? '');
