import type { EventCatalogue } from './codec.js';
import type { AnyDecider } from './decider.js';
import type { AnyPolicy } from './policy.js';
import type { ReadModel } from './read-model.js';

/** What a capability consists of, said in one place: whoever runs the house goes by this alone. */
export interface Capability {
  /** What it records, by the first part of the stored names. */
  events: Record<string, EventCatalogue>;
  /** Its kinds of subjects, each with what can be asked of it. */
  deciders?: readonly AnyDecider[];
  readModels?: readonly ReadModel[];
  policies?: readonly AnyPolicy[];
}
