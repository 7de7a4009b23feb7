import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { streamOf, typeOf } from './record.js';
import { InvalidRequest } from './requests.js';

type FilterOptions = InstanceType<typeof streams.ReadReq.Options.FilterOptions>;

/** A server-side filter: which records a reader wants, and after how many passed over it wants to hear a checkpoint. */
export interface RecordFilter {
  matches(record: Buffer): boolean;
  checkpointAfter: number;
}

const DEFAULT_SEARCH_WINDOW = 32;

/** Reads the protocol's filter: by stream name or by event type, by prefixes or by a regular expression. */
export function filterFrom(options: FilterOptions): RecordFilter {
  const byStream = options.getStreamIdentifier();
  const expression = byStream ?? options.getEventType();
  const field = byStream ? streamOf : typeOf;
  const window = options.hasMax() ? options.getMax() : DEFAULT_SEARCH_WINDOW;
  const checkpointAfter = Math.max(1, window * options.getCheckpointintervalmultiplier());
  if (!expression) return { matches: () => true, checkpointAfter };
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) {
    return { matches: (record) => prefixes.some((prefix) => field(record).startsWith(prefix)), checkpointAfter };
  }
  const pattern = patternFrom(expression.getRegex());
  return { matches: (record) => pattern.test(field(record)), checkpointAfter };
}

function patternFrom(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new InvalidRequest(`filter: ${(error as Error).message}`);
  }
}
