import { Refusal } from '#event-sourcing';

/** Thrown when a file cannot be read as a sheet at all: what it is not, and what is allowed. Nothing of it is kept. */
export class SheetRefused extends Refusal {
  readonly code = 'SHEET.REFUSED';
  override readonly status: number;
  override readonly details: Record<string, unknown>;
  constructor(rule: string, message: string, status = 422) {
    super(message);
    this.status = status;
    this.details = { errors: [{ field: 'file', rule, message }] };
  }
}
