import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { formatCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { leafHash } from './merkle-tree.js';
import { formatNote, formatVerifierKey, parseNote, parseVerifierKey, SigningKey, signersOf } from './signed-note.js';

/** The example that Go's `note` package documents and its checksum database uses: a key and what it signed. */
const ENEW = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SIGNED_BY_OTHERS = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

describe('a signed note', () => {
  it('that another implementation signed is read and verified', () => {
    const note = parseNote(SIGNED_BY_OTHERS);
    const key = parseVerifierKey(ENEW);
    expect(formatVerifierKey(key)).toBe(ENEW);
    expect(signersOf(note, [key])).toEqual([key]);
    expect(formatNote(note)).toBe(SIGNED_BY_OTHERS);
    expect(signersOf({ ...note, text: note.text.replace('problem', 'trouble') }, [key])).toEqual([]);
  });

  it('is verified by whoever has the public key alone', () => {
    const key = SigningKey.generate('paraphe/1');
    const note = key.sign({ text: 'Lu et approuvé\n', signatures: [] });
    const raw = Buffer.from(formatVerifierKey(key.verifier).split('+').slice(2).join('+'), 'base64').subarray(1);
    const foreign = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
      format: 'jwk',
    });
    expect(verify(null, Buffer.from(note.text), foreign, note.signatures[0]!.signature)).toBe(true);
  });

  it('is not taken from a key of the same name', () => {
    const [mine, other] = [SigningKey.generate('paraphe/1'), SigningKey.generate('paraphe/1')];
    const note = mine.sign({ text: 'a\n', signatures: [] });
    expect(signersOf(note, [other.verifier])).toEqual([]);
  });

  it.each([
    ['no signature', 'text\n'],
    ['a control character', 'te\txt\n\n— a AAAAAAAA\n'],
    ['a wrong dash', 'text\n\n- a AAAAAAAA\n'],
    ['a signature that is too short', 'text\n\n— a AAAA\n'],
  ])('with %s is refused', (_what, note) => {
    expect(() => parseNote(note)).toThrow(/note|signature/);
  });

  it('takes Ed25519 keys only, and says so', () => {
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(() => SigningKey.from('paraphe/1', pem.toString())).toThrow('must be an Ed25519 key, not ec');
    expect(() => SigningKey.from('paraphe/1', 'nonsense')).toThrow('must be a private key in PEM form');
    expect(() => SigningKey.generate('two words')).toThrow("no spaces and no plus sign: 'two words'");
    expect(() => parseVerifierKey(ENEW.replace('c74f20a3', 'c74f20a4'))).toThrow(
      "The key's id is c74f20a3, not c74f20a4.",
    );
  });
});

describe('a checkpoint', () => {
  const key = SigningKey.generate('paraphe/1');
  const signed = signCheckpoint({ origin: 'paraphe/1', size: 7, root: leafHash(Buffer.from('a')) }, key);

  it('is written and read back', () => {
    expect(parseCheckpoint(formatCheckpoint(signed))).toEqual(signed);
    expect(signersOf(signed.note, [key.verifier])).toHaveLength(1);
  });

  it.each([
    ['a size with a leading zero', (text: string) => text.replace('\n7\n', '\n07\n'), 'size of the tree'],
    ['a root that is too short', (text: string) => text.replace(/\n[^\n]{44}\n/, '\nAAAA\n'), 'root hash'],
    ['no origin', (text: string) => text.replace('paraphe/1\n7', '\n7'), 'origin'],
  ])('with %s is none', (_what, spoil, message) => {
    expect(() => parseCheckpoint(spoil(formatCheckpoint(signed)))).toThrow(message);
  });
});
