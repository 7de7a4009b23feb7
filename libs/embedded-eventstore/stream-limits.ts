/** What a stream's metadata hides from readers. */
export interface StreamLimits {
  /** Only so many of the last events are visible. */
  maxCount?: number;
  /** Only events younger than so many seconds are visible. */
  maxAge?: number;
  /** Events before this revision are hidden. */
  truncateBefore?: number;
  /** Everything is hidden, and the stream is as if it did not exist, until it is appended to again. */
  isSoftDeleted?: boolean;
}

/** The `$tb` that EventStoreDB writes to delete a stream: 2^63 - 1. */
const DELETED = 9223372036854775807n;
export const SOFT_DELETED_METADATA = Buffer.from(`{"$tb":${DELETED}}`);

export const metadataStreamOf = (stream: string): string => `$$${stream}`;
export const isMetadataStream = (stream: string): boolean => stream.startsWith('$$');
export const originalOf = (metadataStream: string): string => metadataStream.slice(2);

/** A metadata stream shows only its last event. */
export const METADATA_STREAM_LIMITS: StreamLimits = { maxCount: 1 };

/** The limits in the data of a `$metadata` event; none in what is no such document. */
export function limitsFrom(data: Buffer): StreamLimits {
  const document = parsed(data);
  const whole = (key: string) => {
    const value = document[key];
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
  };
  const [maxCount, maxAge, truncateBefore] = [whole('$maxCount'), whole('$maxAge'), whole('$tb')];
  return {
    ...(maxCount && { maxCount }),
    ...(maxAge && { maxAge }),
    ...(truncateBefore !== undefined && { truncateBefore }),
    ...(truncateBefore === Number(DELETED) && { isSoftDeleted: true }),
  };
}

/** The metadata of a deleted stream once it is appended to again: as it was, but hiding what came before `revision`. */
export function undeletedMetadata(data: Buffer, revision: number): Buffer {
  return Buffer.from(JSON.stringify({ ...parsed(data), $tb: revision }));
}

function parsed(data: Buffer): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(data.toString());
    return typeof document === 'object' && document !== null && !Array.isArray(document)
      ? (document as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
