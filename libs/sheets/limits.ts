/** What a sheet may have at most. What has more is refused with a sentence that says so. */
export const LIMITS = {
  /** Of the file, in bytes. */
  bytes: 100 * 1024 * 1024,
  /** Of all that is packed in a workbook, in bytes: a sheet of 200,000 rows takes about 200 MB. */
  unpackedBytes: 512 * 1024 * 1024,
  rows: 200_000,
  columns: 200,
  /** Of one cell, in characters; what spreadsheets themselves allow. */
  cell: 32_767,
};

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
