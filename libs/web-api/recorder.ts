import type { Actor, Source } from '#event-sourcing';

/** A request that was refused or failed: who tried what, and why not. */
export interface RefusedRequest {
  /** Left out when nobody was signed in. */
  actor?: Actor;
  source?: Source;
  method: string;
  /** Without what was sent with it. */
  path: string;
  status: number;
  code: string;
  detail: string;
}

/** Records what is no event of anything's life, and must be known all the same. */
export interface Recorder {
  refused(request: RefusedRequest): Promise<void>;
  confidentialRead(actor: Actor, kind: string, id: string): Promise<void>;
}
/** Injection token of the {@link Recorder}. */
export const RECORDER = Symbol('Recorder');
