import { eachInWorker, inWorker, workerTask } from '#workers';
import type { recognise, rowsOf, SheetRow, SheetSource } from './reading.js';

const LIMITS_OF_READING = {
  what: 'Reading the sheet',
  advice: 'Save it anew without what is not needed, as CSV for instance, or divide it.',
  within: 60_000,
  megabytes: 512,
};
const recognising = workerTask<typeof recognise>('sheets/reading', 'recognise');
const reading = workerTask<typeof rowsOf>('sheets/reading', 'rowsOf');

/**
 * As {@link recognise}, while everybody else goes on.
 *
 * @throws SheetRefused in all but its class; TooCostly
 */
export const recogniseElsewhere = (file: string): Promise<SheetSource> =>
  inWorker(recognising, [file], LIMITS_OF_READING);

/**
 * As {@link rowsOf}, while everybody else goes on.
 *
 * @throws SheetRefused in all but its class; TooCostly
 */
export const rowsElsewhere = (file: string, source: SheetSource): AsyncGenerator<SheetRow> =>
  eachInWorker(reading, [file, source], LIMITS_OF_READING);
