import { Injectable } from '@nestjs/common';
import type { Language } from '#calendar';
import { Lifecycles } from '#lifecycle';
import { ReadStore } from '#read-store';
import type { SheetContent } from '#web-api';
import { sheetKinds } from './kinds/index.js';
import { Registers } from './registers.js';
import type { SheetKind } from './sheet-kind.js';

const BATCH = 500;

/** Writes what is on record as sheets of the kinds that can be read again without loss. */
@Injectable()
export class SheetExport {
  constructor(
    private readonly readStore: ReadStore,
    private readonly lifecycles: Lifecycles,
  ) {}

  /** @param only the headings, as an empty sheet to fill in */
  async sheet(id: SheetKind['id'], language: Language, only: 'headings' | 'all' = 'all'): Promise<SheetContent> {
    const readStore = this.readStore;
    const kind = sheetKinds(this.lifecycles).find((one) => one.id === id)!;
    const registers = new Registers(readStore);
    if (only === 'all') await registers.load(...kind.columns.flatMap((column) => column.registers ?? []));
    async function* rows() {
      for (let after = ''; only === 'all'; ) {
        const records = await kind.records(readStore, { after, limit: BATCH });
        for (const { values } of records)
          yield kind.columns.map(({ id: column, write }) => {
            const value = values[column];
            return value === undefined ? '' : write(value, registers, language);
          });
        if (records.length < BATCH) return;
        after = records.at(-1)!.id;
      }
    }
    return { header: kind.columns.map(({ labels }) => labels[language]), rows: rows(), language };
  }
}
