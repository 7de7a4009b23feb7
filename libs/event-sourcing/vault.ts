/**
 * Keeps what may be said of a person until the person is erased. What is sealed stands in the log for ever; without the person's key
 * nobody can read it, so that letting go of the key erases it from every copy of the log (crypto-shredding).
 */
export interface Vault {
  /** Encrypts a text under the key of a person, which is made where there is none. */
  seal(person: string, text: string): string;
  /** The text; undefined when the person's key is gone. */
  open(person: string, sealed: string): string | undefined;
}

/** Data as it stands in the log where it is about a person. */
export interface Sealed {
  person: string;
  sealed: string;
}

export const isSealed = (data: unknown): data is Sealed =>
  typeof data === 'object' && data !== null && 'sealed' in data && 'person' in data;
