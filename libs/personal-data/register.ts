/** One processing activity (Regulation (EU) 2016/679, art. 30(1); Moroccan law 09-08, art. 12 and 15). Texts are in French, English and Arabic. */
export interface ProcessingActivity {
  id: string;
  purpose: Said;
  subjects: Said;
  data: Said;
  recipients: Said;
  /** How long it is kept. */
  retention: Said;
  /** Where in the product it lies and how it is protected. */
  measures: Said;
}

interface Said {
  fr: string;
  en: string;
  ar: string;
}

const SEALED: Said = {
  fr: 'chiffré (AES-256-GCM) sous une clé par personne, gardée à part du journal',
  en: 'encrypted (AES-256-GCM) under a key per person, kept apart from the log',
  ar: 'مشفّر (AES-256-GCM) بمفتاح لكل شخص محفوظ خارج السجل',
};
const UNTIL_ERASED: Said = {
  fr: 'jusqu’à l’effacement de la personne',
  en: 'until the person is erased',
  ar: 'إلى حين محو بيانات الشخص',
};

/** What the product itself processes. A desk adds its controller, its officer and its legal basis to this. */
export const PROCESSING: ProcessingActivity[] = [
  {
    id: 'people',
    purpose: {
      fr: 'savoir qui signe, qui participe aux rencontres et à qui écrire',
      en: 'knowing who signs, who takes part in meetings and to whom to write',
      ar: 'معرفة الموقّعين والمشاركين في اللقاءات ومن يُراسَل',
    },
    subjects: {
      fr: 'signataires, participants, contacts',
      en: 'signatories, participants, contacts',
      ar: 'موقّعون ومشاركون وجهات اتصال',
    },
    data: {
      fr: 'nom, adresse électronique, langue',
      en: 'name, e-mail address, language',
      ar: 'الاسم والبريد الإلكتروني واللغة',
    },
    recipients: { fr: 'les utilisateurs du service', en: 'the users of the desk', ar: 'مستعملو المصلحة' },
    retention: UNTIL_ERASED,
    measures: SEALED,
  },
  {
    id: 'users',
    purpose: {
      fr: 'ouvrir l’accès et savoir qui a fait quoi',
      en: 'granting access and knowing who did what',
      ar: 'منح الولوج ومعرفة من فعل ماذا',
    },
    subjects: { fr: 'agents du service', en: 'staff of the desk', ar: 'موظفو المصلحة' },
    data: {
      fr: 'nom, adresse électronique, empreinte argon2id du mot de passe, rôles, unités, sessions et jetons (empreintes), actes accomplis',
      en: 'name, e-mail address, argon2id hash of the password, roles, units, sessions and tokens (hashes), acts done',
      ar: 'الاسم والبريد الإلكتروني وبصمة كلمة المرور والأدوار والوحدات والجلسات والرموز والأعمال المنجزة',
    },
    recipients: { fr: 'administrateurs et auditeurs', en: 'administrators and auditors', ar: 'المدراء والمدققون' },
    retention: {
      fr: 'nom et adresse : jusqu’à l’effacement ; les actes restent, sous un identifiant sans nom',
      en: 'name and address: until erased; acts stay, under an id without a name',
      ar: 'الاسم والعنوان إلى حين المحو؛ وتبقى الأعمال تحت معرّف بلا اسم',
    },
    measures: SEALED,
  },
  {
    id: 'reminders',
    purpose: { fr: 'rappeler ce qui attend', en: 'reminding of what waits', ar: 'التذكير بما ينتظر' },
    subjects: {
      fr: 'agents, contacts des partenaires',
      en: 'staff, contacts of partners',
      ar: 'الموظفون وجهات اتصال الشركاء',
    },
    data: {
      fr: 'identifiant, préférences, absences, messages reçus ; l’adresse n’est lue qu’à l’envoi',
      en: 'id, preferences, absences, messages received; the address is read only when sending',
      ar: 'المعرّف والتفضيلات والغياب والرسائل المستلمة؛ ولا يُقرأ العنوان إلا عند الإرسال',
    },
    recipients: {
      fr: 'le serveur de messagerie configuré',
      en: 'the mail server that is configured',
      ar: 'خادم البريد المضبوط',
    },
    retention: UNTIL_ERASED,
    measures: {
      fr: 'les événements ne portent que l’identifiant',
      en: 'events bear the id only',
      ar: 'لا تحمل الأحداث إلا المعرّف',
    },
  },
  {
    id: 'attempts',
    purpose: {
      fr: 'constater les tentatives refusées et les lectures de dossiers confidentiels',
      en: 'recording refused attempts and reads of confidential files',
      ar: 'تسجيل المحاولات المرفوضة وقراءات الملفات السرية',
    },
    subjects: { fr: 'utilisateurs', en: 'users', ar: 'المستعملون' },
    data: {
      fr: 'identifiant, heure, demande, motif du refus',
      en: 'id, time, request, reason of the refusal',
      ar: 'المعرّف والوقت والطلب وسبب الرفض',
    },
    recipients: { fr: 'administrateurs et auditeurs', en: 'administrators and auditors', ar: 'المدراء والمدققون' },
    retention: {
      fr: 'PARAPHE_ATTEMPTS_DAYS, 365 jours par défaut',
      en: 'PARAPHE_ATTEMPTS_DAYS, 365 days by default',
      ar: 'PARAPHE_ATTEMPTS_DAYS، 365 يوما افتراضيا',
    },
    measures: {
      fr: 'à part de l’historique, hors des preuves',
      en: 'apart from the history, outside the proofs',
      ar: 'خارج السجل التاريخي والإثباتات',
    },
  },
];
