import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { INDEX, StreamIndex } from './stream-index.js';

/** Where an event stood, by the index. */
export interface IndexedEvent {
  stream: string;
  revision: number;
  position: number;
}

const SELF = fileURLToPath(import.meta.url);
/** A damaged index may be read in circles. */
const LONGEST_MS = 120_000;

/**
 * What the index of a damaged log says, so far as it can be read. A damaged index may take the process that reads it along: so a process
 * of its own reads a copy of it.
 *
 * @returns undefined when there is none, it is another log's, or it cannot be read to its end
 */
export async function indexedEvents(folder: string, logId: string): Promise<IndexedEvent[] | undefined> {
  if (!existsSync(join(folder, INDEX))) return undefined;
  const copy = mkdtempSync(join(tmpdir(), 'paraphe-index-'));
  try {
    copyFileSync(join(folder, INDEX), join(copy, INDEX));
    const child = spawn(process.execPath, [SELF, copy, logId], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: LONGEST_MS,
    });
    const ended = new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', resolve);
    });
    const events: IndexedEvent[] = [];
    for await (const line of createInterface({ input: child.stdout })) events.push(JSON.parse(line) as IndexedEvent);
    return (await ended) === 0 ? events : undefined;
  } catch {
    return undefined;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The other process: prints an event a line. */
async function print(folder: string, logId: string): Promise<void> {
  const index = StreamIndex.inspect(folder, logId);
  if (!index) process.exit(1);
  let text = '';
  for (const event of index.entries()) {
    text += `${JSON.stringify(event)}\n`;
    if (text.length > 65_536) {
      const room = process.stdout.write(text);
      text = '';
      if (!room) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  }
  await new Promise((resolve) => process.stdout.write(text, resolve));
  await index.close();
}

if (SELF === process.argv[1]) await print(process.argv[2]!, process.argv[3]!);
