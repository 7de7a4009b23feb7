/** Thrown when a stored record is not what was written: it is reported with what and where, and never served. */
export class DamagedRecord extends Error {
  override name = 'DamagedRecord';

  constructor(
    readonly file: string,
    readonly position: number,
    readonly defect: string,
  ) {
    super(
      `The record at position ${position} in ${file} is damaged: ${defect}. Restore the folder from a backup, or salvage it.`,
    );
  }
}

/** Thrown on opening a folder that cannot be served as it is; `message` says what is wrong and what to do. */
export class UnusableStore extends Error {
  override name = 'UnusableStore';
}

/** Thrown to writers while the disk takes nothing more; nothing of the append was stored. */
export class WriteRefused extends Error {
  override name = 'WriteRefused';

  constructor(cause: NodeJS.ErrnoException) {
    const isFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT' || cause.code === 'EFBIG';
    super(
      isFull
        ? `The disk is full (${cause.code}): nothing was appended. Reads go on; appends do too once there is room.`
        : `The disk reports an error (${cause.message}): nothing was appended.`,
      { cause },
    );
  }
}
