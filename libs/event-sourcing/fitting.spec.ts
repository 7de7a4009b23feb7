import fc from 'fast-check';
import { inFittingParts } from './fitting.js';

it('whatever the matters are, nothing is left out, the order stays, and no part is more than an event store takes', () => {
  const matter = fc.integer({ min: 0, max: 120_000 }).map((length) => ({ labels: { ar: 'ي'.repeat(length) } }));
  fc.assert(
    fc.property(fc.array(matter, { maxLength: 40 }), (matters) => {
      const parts = inFittingParts(matters);
      expect(parts.flat()).toEqual(matters);
      for (const part of parts) {
        expect(part.length).toBeGreaterThan(0);
        expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(900_000);
      }
    }),
    { numRuns: 30 },
  );
});

it('what is little is one message, and a matter is one however large it is', () => {
  expect(inFittingParts(Array.from({ length: 500 }, (_, index) => ({ index })))).toHaveLength(1);
  expect(inFittingParts(['x'.repeat(2_000_000), 'y']).map(({ length }) => length)).toEqual([1, 1]);
});
