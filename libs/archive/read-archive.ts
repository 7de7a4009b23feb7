import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { copyDocuments } from '#documents';
import type { EntryContent, EventStore } from '#event-sourcing';
import { leafHash, RunningHead } from '#transparency';
import { type ArchiveManifest, FILE, manifestSchema } from './format.js';

/** Thrown when an archive is not what its manifest says; lists everything that is not. */
export class ArchiveDamaged extends Error {
  constructor(readonly defects: string[]) {
    super(`The archive is damaged:\n${defects.join('\n')}`);
  }
}

/** Thrown when an archive is to be brought into an instance that has a history of its own. */
export class InstanceNotEmpty extends Error {
  constructor() {
    super('This instance has events that are not those of the archive. Bring it into an empty one.');
  }
}

/**
 * Checks an archive against its manifest: each file's hash, the head over the log, and that each document is what its name says.
 *
 * @throws ArchiveDamaged
 */
export async function checkArchive(folder: string): Promise<ArchiveManifest> {
  const manifest = await manifestOf(folder);
  const defects: string[] = [];
  for (const [name, wanted] of Object.entries(manifest.files)) {
    if (normalize(name).startsWith('..') || name.startsWith('/')) defects.push(`${name}: lies outside of the folder`);
    else if ((await sha256(join(folder, name))) !== wanted)
      defects.push(`${name}: is missing, or is not what was archived`);
  }
  const head = new RunningHead();
  for await (const line of await linesOf(folder)) head.add(leafHash(Buffer.from(line)));
  if (head.size !== manifest.events || head.head.toString('base64') !== manifest.head)
    defects.push(
      `${FILE.log}: has ${head.size} events under another head than the ${manifest.events} that were archived`,
    );
  const documents = await documentsIn(folder);
  if (documents.length !== manifest.documents)
    defects.push(`${FILE.documents}: ${documents.length} documents, ${manifest.documents} were archived`);
  for (const { path, name } of documents)
    if ((await sha256(path)) !== name) defects.push(`${path}: is not what its name says`);
  if (defects.length > 0) throw new ArchiveDamaged(defects);
  return manifest;
}

/** So many events go into the log together. */
const MOST_TOGETHER = 200;

/**
 * Brings an archive into an empty instance: the same events in the same order, with the same ids, times and hashes. What was interrupted
 * goes on where it stopped.
 *
 * @param documents where documents are kept
 * @throws ArchiveDamaged, InstanceNotEmpty; nothing was brought in then
 */
export async function readArchive(
  folder: string,
  eventStore: EventStore,
  documents: string,
  onProgress?: (done: number, total: number) => void,
): Promise<ArchiveManifest> {
  const manifest = await checkArchive(folder);
  const present = eventStore.entries();
  await copyDocuments(join(folder, FILE.documents), documents);
  let together: EntryContent[] = [];
  let done = 0;
  const append = async () => {
    if (together.length > 0) await eventStore.reproduce(together);
    done += together.length;
    together = [];
    onProgress?.(done, manifest.events);
  };
  let isCatchingUp = true;
  for await (const line of await linesOf(folder)) {
    const entry = JSON.parse(line) as EntryContent;
    if (isCatchingUp) {
      const { value: known } = await present.next();
      if (known && known.bytes.toString() !== line) throw new InstanceNotEmpty();
      if (known) {
        done++;
        continue;
      }
      isCatchingUp = false;
    }
    if (together.length === MOST_TOGETHER || (together.length > 0 && together.at(-1)!.stream !== entry.stream))
      await append();
    together.push(entry);
  }
  await append();
  if (isCatchingUp && !(await present.next()).done) throw new InstanceNotEmpty();
  return manifest;
}

async function manifestOf(folder: string): Promise<ArchiveManifest> {
  const text = await readFile(join(folder, FILE.manifest), 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new ArchiveDamaged([`${FILE.manifest}: is missing; the folder is no archive, or one that was not finished`]);
  const parsed = manifestSchema.safeParse(parsedJson(text));
  if (!parsed.success)
    throw new ArchiveDamaged([
      `${FILE.manifest}: ${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`,
    ]);
  return parsed.data;
}

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The lines of the log; none where it is missing, which its hash tells. */
async function linesOf(folder: string): Promise<AsyncIterable<string> | string[]> {
  if (!(await stat(join(folder, FILE.log)).catch(() => undefined))) return [];
  return createInterface({ input: createReadStream(join(folder, FILE.log)), crlfDelay: Number.POSITIVE_INFINITY });
}

async function documentsIn(folder: string): Promise<{ path: string; name: string }[]> {
  const files = await readdir(join(folder, FILE.documents), { recursive: true, withFileTypes: true }).catch(() => []);
  return files.filter((file) => file.isFile()).map(({ name, parentPath }) => ({ name, path: join(parentPath, name) }));
}

async function sha256(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
