import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson, logEntry } from './log-entry.js';

describe('the bytes of an entry', () => {
  it('are canonical JSON, as another implementation of RFC 8785 writes it', () => {
    const json = fc.jsonValue({ stringUnit: 'binary' }).map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(fc.property(json, (value) => canonicalJson(value) === canonicalize(value)));
  });

  it('order names by their code units, numbers among them', () => {
    expect(canonicalJson({ b: 1, 10: 2, 9: 3, é: 4, A: [1e21, 0.1, -0] })).toBe(
      '{"10":2,"9":3,"A":[1e+21,0.1,0],"b":1,"é":4}',
    );
  });

  it('are there for any text, even for half a character', () => {
    expect(canonicalJson({ text: 'a\ud800' })).toBe('{"text":"a\ufffd"}');
  });

  it('hold what is not JSON in base64', () => {
    const event = { id: 'i', type: 't', streamId: 's-1', revision: 0n, data: Buffer.from('ab'), metadata: undefined };
    expect(logEntry(event as never).bytes.toString()).toBe(
      '{"data":{"base64":"YWI="},"id":"i","metadata":null,"revision":0,"stream":"s-1","type":"t"}',
    );
  });
});
