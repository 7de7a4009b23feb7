/** Works that are given to workers in tests. */

export const doubled = (numbers: number[]): number[] => numbers.map((number) => number * 2);

export const bytesOf = (length: number): Uint8Array => new Uint8Array(length).fill(7);

export function endless(): never {
  for (;;);
}

export function greedy(): number {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
}

export function refusing(): never {
  throw Object.assign(new Error('It cannot be read.'), { code: 'SHEET.REFUSED', status: 415, details: { line: 3 } });
}

export function failing(): never {
  throw new TypeError('a fault');
}

export async function* counting(until: number): AsyncGenerator<number> {
  for (let number = 0; number < until; number++) yield number;
  if (until < 0) refusing();
}

export async function* stuck(): AsyncGenerator<number> {
  yield 1;
  endless();
}
