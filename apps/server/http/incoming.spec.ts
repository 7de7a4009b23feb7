import fc from 'fast-check';
import { overdone } from './incoming.js';

const said = (text: string) => overdone(Buffer.from(text));

describe('JSON that comes in', () => {
  it('is read whatever it says, as long as it is neither deep nor of very many parts', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        expect(said(text)).toBeUndefined();
      }),
    );
  });

  it('is refused unread where it nests too deep', () => {
    expect(said('['.repeat(64) + ']'.repeat(64))).toBeUndefined();
    expect(said('['.repeat(65) + ']'.repeat(65))).toMatch('64 levels');
    expect(said('{"a":'.repeat(500_000))).toMatch('64 levels');
  });

  it('is refused unread where it has too many parts', () => {
    expect(said(JSON.stringify(Array(49_999).fill({})))).toBeUndefined();
    expect(said(JSON.stringify(Array(50_000).fill({})))).toMatch('50000 objects');
  });

  it('does not take brackets within a text for levels', () => {
    expect(said(JSON.stringify({ text: '[{"\\'.repeat(1_000), ['['.repeat(100)]: '\\' }))).toBeUndefined();
  });
});
