import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type EventStore, isSealed } from '#event-sourcing';
import { PERSONAL_KEYS_CHECK } from '#personal-data';
import { CHECKPOINT_STREAM } from '#transparency';
import type { Settings } from './settings.js';

/** Where the keys lie that are not in the log. */
export interface KeyPlaces {
  /** Signs the heads of the log. */
  signing: string;
  /** Wraps the keys of personal data and makes the secrets of webhooks; undefined where PARAPHE_KEY is set. */
  instance: string | undefined;
  /** The folder with a key for each person. */
  personal: string;
}

export function keyPlaces({ dataFolder, key, keysFolder, signingKeyFile }: Settings): KeyPlaces {
  const folder = resolve(dataFolder);
  return {
    signing: resolve(signingKeyFile ?? join(folder, 'transparency', 'signing-key.pem')),
    instance: key === undefined ? join(folder, 'instance.key') : undefined,
    personal: resolve(keysFolder ?? join(folder, 'keys')),
  };
}

const CALLED = {
  signing: ['the key that signs the heads of the log', 'PARAPHE_SIGNING_KEY_FILE'],
  instance: ['the key of the instance', 'PARAPHE_KEY instead'],
  personal: ['the keys of personal data', 'PARAPHE_KEYS_DIR'],
} as const;

export type MissingKey = keyof typeof CALLED;

/** Thrown at start when the log shows that there were keys, and they are not where they should be. */
export class MissingKeys extends Error {
  override name = 'MissingKeys';

  constructor(missing: MissingKey[], places: KeyPlaces) {
    const lines = missing.map((one) => `  ${CALLED[one][0]}: expected in ${places[one]} (${CALLED[one][1]})`);
    super(
      `The log was written with keys that are missing now. New ones are not made in silence:\n${lines.join('\n')}\n` +
        "Put them back: 'paraphe restore FOLDER --keys KEYS', with the folder that 'paraphe backup --keys' filled, or by hand. " +
        "To go on without them for good, run 'paraphe keys forsake --reason TEXT': names that they opened stay closed, and no old key vouches for the new one.",
    );
  }
}

/** Which keys there must have been, by the log, and are missing. Nothing is missing of an empty log. */
export async function missingKeys(eventStore: EventStore, places: KeyPlaces): Promise<MissingKey[]> {
  const missing: MissingKey[] = [];
  const isThere = {
    signing: existsSync(places.signing),
    instance: places.instance === undefined || existsSync(places.instance),
    personal: existsSync(join(places.personal, PERSONAL_KEYS_CHECK)),
  };
  if (isThere.signing && isThere.instance && isThere.personal) return [];
  const wasSigned = await eventStore.holds(CHECKPOINT_STREAM);
  const wasSealed = (!isThere.personal || !isThere.instance) && (await hasSealed(eventStore));
  if (!isThere.signing && wasSigned) missing.push('signing');
  if (!isThere.instance && (wasSigned || wasSealed)) missing.push('instance');
  if (!isThere.personal && wasSealed) missing.push('personal');
  return missing;
}

async function hasSealed(eventStore: EventStore): Promise<boolean> {
  for await (const { bytes } of eventStore.entries()) {
    if (isSealed((JSON.parse(bytes.toString()) as { data: unknown }).data)) return true;
  }
  return false;
}
