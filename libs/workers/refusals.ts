import { Refusal } from '#event-sourcing';

/** Thrown when a piece of work took more time or memory than it may. Nothing of it was kept. */
export class TooCostly extends Refusal {
  readonly code = 'TOO_COSTLY';
  override readonly status: number;
  override readonly details: Record<string, unknown>;
  /**
   * @param what the work, as a sentence begins with it
   * @param limit what was passed, like `5 seconds`
   * @param advice what to do instead, as a sentence
   */
  constructor(what: string, limit: string, advice: string, status: 413 | 422 = 422) {
    super(`${what} took more than ${limit}, which is all that it may take. ${advice}`);
    this.status = status;
    this.details = { limit };
  }
}

/** Thrown when there is more costly work waiting than will be done in time. */
export class WorkersBusy extends Refusal {
  readonly code = 'WORKERS_BUSY';
  override readonly status = 503;
  constructor(what: string) {
    super(`${what} must wait: too much costly work is under way. Try again in a minute.`);
  }
}

/** A refusal as it passes between threads. */
export interface PlainRefusal {
  code: string;
  status: number;
  message: string;
  details: Record<string, unknown>;
}

/** A refusal that was thrown in a worker: the same code, status, sentence and details. */
export class RefusedInWorker extends Refusal {
  readonly code: string;
  override readonly status: number;
  override readonly details: Record<string, unknown>;
  constructor({ code, status, message, details }: PlainRefusal) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}
