import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { copyDocuments } from '#documents';
import { type EventStore, isSealed } from '#event-sourcing';
import type { Lifecycles } from '#lifecycle';
import type { Policies } from '#reminders';
import { CHECKPOINT_STREAM, isLeaf, leafHash, RunningHead } from '#transparency';
import { ARCHIVE_FORMAT, type ArchiveManifest, FILE, README } from './format.js';

export interface ArchiveOptions {
  eventStore: EventStore;
  lifecycles: Lifecycles;
  policies: Policies;
  /** Where the documents are kept. */
  documents: string;
  /** The folder to write into; made where it is missing. */
  folder: string;
  /** Write down the names of people too, which are sealed in the log. */
  withNames: boolean;
  now: Date;
  onProgress?(events: number): void;
}

/** Thrown when there is something in the folder already. */
export class FolderNotEmpty extends Error {
  constructor(folder: string) {
    super(`There is something in ${folder} already. Name an empty folder, or one that does not exist.`);
  }
}

/**
 * Writes all that is recorded into a folder that can be read without Paraphe: the log as it was recorded, documents, definitions,
 * public keys. The manifest comes last: a folder without one is no archive.
 *
 * @throws FolderNotEmpty
 */
export async function writeArchive(options: ArchiveOptions): Promise<ArchiveManifest> {
  const { eventStore, folder } = options;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new FolderNotEmpty(folder);
  const head = new RunningHead();
  const log = new HashedFile(folder, FILE.log);
  const names = options.withNames ? new HashedFile(folder, FILE.names) : undefined;
  const keys = new Set<string>();
  for await (const entry of eventStore.entries()) {
    if (!isLeaf(entry)) continue;
    const line = entry.bytes.toString();
    head.add(leafHash(entry.bytes));
    await log.write(`${line}\n`);
    const { data } = JSON.parse(line) as { data: unknown };
    if (names && isSealed(data)) {
      const opened = { id: entry.id, person: data.person, data: eventStore.codec.decode(entry.type, data)?.data };
      await names.write(`${JSON.stringify(opened)}\n`);
    }
    if (entry.stream === CHECKPOINT_STREAM) for (const key of (data as { keys?: string[] }).keys ?? []) keys.add(key);
    if (head.size % 1_000 === 0) options.onProgress?.(head.size);
  }
  const files = Object.fromEntries(
    await Promise.all([
      log.end(),
      ...(names ? [names.end()] : []),
      text(folder, FILE.readMe, README),
      text(folder, FILE.keys, [...keys].map((key) => `${key}\n`).join('')),
      ...(await definitions(options)),
    ]),
  );
  const documents = await copyDocuments(options.documents, join(folder, FILE.documents));
  const manifest: ArchiveManifest = {
    format: ARCHIVE_FORMAT,
    madeAt: options.now.toISOString(),
    events: head.size,
    documents,
    head: head.head.toString('base64'),
    files,
  };
  await writeFile(join(folder, `${FILE.manifest}.new`), `${JSON.stringify(manifest, undefined, 2)}\n`, { flush: true });
  await rename(join(folder, `${FILE.manifest}.new`), join(folder, FILE.manifest));
  return manifest;
}

async function definitions({ folder, lifecycles, policies }: ArchiveOptions): Promise<Promise<[string, string]>[]> {
  await mkdir(join(folder, FILE.definitions));
  const named = [
    ...lifecycles
      .all()
      .map(({ id, version, lifecycle }) => [`lifecycle-${id}-v${version}`, lifecycle.definition] as const),
    ...policies.all().map(({ id, version, policy }) => [`reminders-${id}-v${version}`, policy] as const),
  ];
  return named.map(([name, content]) =>
    text(folder, join(FILE.definitions, `${name}.json`), `${JSON.stringify(content, undefined, 2)}\n`),
  );
}

async function text(folder: string, name: string, content: string): Promise<[string, string]> {
  await writeFile(join(folder, name), content, { flush: true });
  return [name, createHash('sha256').update(content).digest('hex')];
}

/** A file that is hashed while it is written. */
class HashedFile {
  private readonly stream;
  private readonly hash: Hash = createHash('sha256');

  constructor(
    folder: string,
    private readonly name: string,
  ) {
    this.stream = createWriteStream(join(folder, name), { flush: true, flags: 'wx' });
  }

  async write(piece: string): Promise<void> {
    this.hash.update(piece);
    if (!this.stream.write(piece)) await once(this.stream, 'drain');
  }

  async end(): Promise<[string, string]> {
    this.stream.end();
    await finished(this.stream);
    return [this.name, this.hash.digest('hex')];
  }
}
