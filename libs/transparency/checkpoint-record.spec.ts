import { specification } from '#event-sourcing';
import { formatCheckpoint, signCheckpoint } from './checkpoint.js';
import { checkpointDecider } from './checkpoint-record.js';
import { leafHash } from './merkle-tree.js';
import { formatVerifierKey, SigningKey } from './signed-note.js';

const effectiveOn = '2026-03-02';
const [OLD, NEW] = [SigningKey.generate('paraphe/test'), SigningKey.generate('paraphe/test')];
const root = leafHash(Buffer.from('an event'));
const recordOf = (size: number, ...signers: SigningKey[]) => ({
  note: formatCheckpoint(signCheckpoint({ origin: 'paraphe/test', size, root }, ...signers)),
  keys: signers.map(({ verifier }) => formatVerifierKey(verifier)),
});
const signed = (data: ReturnType<typeof recordOf>) => ({ type: 'CheckpointSigned' as const, data, effectiveOn });
const record = (data: ReturnType<typeof recordOf>) => ({ type: 'RecordCheckpoint' as const, ...data });

describe('the record of signed heads', () => {
  const [five, six, both] = [recordOf(5, OLD), recordOf(6, OLD), recordOf(5, OLD, NEW)];

  it('keeps what is later, and the same head where another key vouches for it', () => {
    specification(checkpointDecider).when(record(five)).then(signed(five));
    specification(checkpointDecider).given(signed(five)).when(record(six)).then(signed(six));
    specification(checkpointDecider).given(signed(five)).when(record(both)).then(signed(both));
  });

  it('adds nothing for what is no later', () => {
    specification(checkpointDecider).given(signed(five)).when(record(five)).thenNothingHappens();
    specification(checkpointDecider).given(signed(six)).when(record(five)).thenNothingHappens();
    specification(checkpointDecider).given(signed(both)).when(record(both)).thenNothingHappens();
  });

  it('can be read on behind a note that is no checkpoint, and takes none in', () => {
    const broken = signed({ note: 'not a checkpoint', keys: ['x'] });
    specification(checkpointDecider).given(signed(five), broken).when(record(six)).then(signed(six));
    const { schema } = checkpointDecider.commands.definitions.RecordCheckpoint;
    expect(schema.safeParse({ note: 'not a checkpoint', keys: ['x'] }).success).toBe(false);
  });
});
