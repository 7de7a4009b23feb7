import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { copyDocuments } from './copy-documents.js';
import { DocumentEmpty, DocumentStore, DocumentTooLarge } from './document-store.js';

let folder: string;
let store: DocumentStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'documents-'));
  store = new DocumentStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

it('keeps a document under its SHA-256, once', async () => {
  const text = Buffer.from('Convention spécifique');
  const sha256 = createHash('sha256').update(text).digest('hex');
  for (let time = 0; time < 2; time++) {
    expect(await store.keep(Readable.from([text.subarray(0, 5), text.subarray(5)]))).toEqual({ sha256, size: 22 });
  }
  expect(files().map(({ name }) => name)).toEqual([sha256]);
  const kept = await store.read(sha256);
  expect(kept?.size).toBe(22);
  expect(await buffer(kept!.content)).toEqual(text);
});

it('keeps nothing of one that is too large, empty or broken off', async () => {
  const megabyte = Buffer.alloc(1024 * 1024);
  const many = Readable.from(Array.from({ length: 101 }, () => megabyte));
  await expect(store.keep(many)).rejects.toThrow(DocumentTooLarge);
  await expect(store.keep(Readable.from([]))).rejects.toThrow(DocumentEmpty);
  async function* brokenOff() {
    yield megabyte;
    throw new Error('connection lost');
  }
  await expect(store.keep(Readable.from(brokenOff()))).rejects.toThrow('connection lost');
  expect(files()).toEqual([]);
});

it('is copied with every file checked; one that is not what its name says is named', async () => {
  const { sha256 } = await store.keep(Readable.from(['Annexe']));
  writeFileSync(join(folder, '.coming-half'), 'Ann');
  const copy = mkdtempSync(join(tmpdir(), 'copy-'));
  for (let time = 0; time < 2; time++) expect(await copyDocuments(folder, copy)).toBe(1);
  expect(await buffer((await new DocumentStore(copy).read(sha256))!.content)).toEqual(Buffer.from('Annexe'));
  writeFileSync(join(folder, sha256.slice(0, 2), sha256), 'Annexes');
  await expect(copyDocuments(folder, join(copy, 'other'))).rejects.toThrow(sha256);
  rmSync(copy, { recursive: true });
});

it('has nothing under a hash of which it was given nothing', async () => {
  expect(await store.read('0'.repeat(64))).toBeUndefined();
});
