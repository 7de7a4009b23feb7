import { createReadStream } from 'node:fs';

/** In which encodings a text may be. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'windows-1256'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const MARKS: [Encoding, number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/**
 * In which encoding a text most likely is: by its byte order mark; by the zeros of UTF-16; UTF-8 where the whole of it is; else what
 * Windows writes, the Arabic code page where most of its letters are beyond ASCII.
 */
export async function guessEncoding(file: string): Promise<Encoding> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let isUtf8 = true;
  let isFirst = true;
  let high = 0;
  let letters = 0;
  for await (const piece of createReadStream(file)) {
    const bytes = piece as Buffer;
    if (isFirst) {
      const marked = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte));
      if (marked) return marked[0];
      const zeros = [0, 0];
      const looked = bytes.subarray(0, 2_048);
      looked.forEach((byte, at) => {
        if (byte === 0) zeros[at % 2]!++;
      });
      if (Math.max(...zeros) > looked.length / 8) return zeros[1]! > zeros[0]! ? 'utf-16le' : 'utf-16be';
      isFirst = false;
    }
    try {
      utf8.decode(bytes, { stream: true });
    } catch {
      isUtf8 = false;
    }
    for (const byte of bytes) {
      if (byte >= 0x80) high++;
      else if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) letters++;
    }
  }
  if (isUtf8) return 'utf-8';
  return high > letters ? 'windows-1256' : 'windows-1252';
}

/** The text of a file, piece by piece, without its byte order mark. */
export async function* textOf(file: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of createReadStream(file)) yield decoder.decode(piece as Buffer, { stream: true });
  yield decoder.decode();
}
