import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';

// What the specifications of this folder share.

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'eventstore-'));

/** Closes a client. It waits for ever for a stream that it cancelled while that was idle, so this waits a moment only. */
export async function disconnect(client: EventStoreDBClient): Promise<void> {
  await Promise.race([client.dispose(), setTimeout(200, undefined, { ref: false })]);
}
