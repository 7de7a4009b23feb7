import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import i18next, { type i18n } from 'i18next';
import { datePhrase, type Language } from '#calendar';
import { type Labels, Lifecycles } from '#lifecycle';
import type { Words } from './sentence.js';

const FOLDER = join(import.meta.dirname, '../../..', 'libs/audit/sentences');
const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB', ar: 'ar-MA-u-nu-latn' };

/** Puts events into the words of a language, on the server: for files that leave the house. */
@Injectable()
export class Wording {
  private readonly spoken = new Map<Language, i18n>();

  constructor(private readonly lifecycles: Lifecycles) {}

  /** @param names what ids stand for, beside the stages and visas of the lifecycles */
  in(language: Language, names: Record<string, string> = {}): Words {
    const { t } = this.catalogue(language);
    const ofLifecycles = this.lifecycleNames(language);
    return {
      language,
      say: (key, values) => t(key, { ...values }),
      named: (id) => names[id] ?? ofLifecycles.get(id) ?? id,
      money: (amount, currency) =>
        new Intl.NumberFormat(LOCALES[language], {
          ...(currency && { style: 'currency' as const, currency }),
          maximumFractionDigits: 2,
          minimumFractionDigits: 0,
        }).format(amount as never),
      date: (edtf) => datePhrase(edtf, language),
    };
  }

  private catalogue(language: Language): i18n {
    const known = this.spoken.get(language);
    if (known) return known;
    const translation = JSON.parse(readFileSync(join(FOLDER, `${language}.json`), 'utf8'));
    const made = i18next.createInstance();
    void made.init({
      lng: language,
      resources: { [language]: { translation } },
      interpolation: { escapeValue: false },
      initAsync: false,
      showSupportNotice: false,
    } as never);
    this.spoken.set(language, made);
    return made;
  }

  private lifecycleNames(language: Language): Map<string, string> {
    return new Map(
      this.lifecycles
        .all()
        .flatMap(({ lifecycle: { definition } }) => [...definition.stages, ...(definition.visas ?? [])])
        .map(({ id, labels }) => [id, labels[language] ?? labels.fr]),
    );
  }
}

/** What the codes of a section of the catalogues are called, such as `type` or `role`, in each language. */
export function labelsOf(section: string): Record<string, Labels> {
  const [fr, en, ar] = (['fr', 'en', 'ar'] as const).map(
    (language) => JSON.parse(readFileSync(join(FOLDER, `${language}.json`), 'utf8'))[section] as Record<string, string>,
  );
  return Object.fromEntries(Object.keys(fr!).map((code) => [code, { fr: fr![code]!, en: en![code]!, ar: ar![code]! }]));
}
