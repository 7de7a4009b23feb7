import { z } from 'zod';
import { edtf, text } from '#values';
import { Codec, CodecError } from './codec.js';

const catalogue = {
  AgreementSigned: {
    version: 3,
    schema: z.object({ on: z.string(), place: z.string(), witnesses: z.array(z.string()) }),
    upcasts: {
      1: ({ date }: { date: string }) => ({ on: date, place: 'unknown' }),
      2: (data: { on: string; place: string }) => ({ ...data, witnesses: [] }),
    },
  },
};

describe('the codec', () => {
  const codec = new Codec({ agreement: catalogue });

  it('writes the latest version under its stored name', () => {
    const data = { on: '2018-03-15', place: 'Rabat', witnesses: [] };
    expect(codec.encode({ type: 'AgreementSigned', data, effectiveOn: '2018-03-15' }, 'a')).toEqual({
      storedName: 'agreement.agreement-signed.v3',
      data,
    });
  });

  it('brings every older version up to the latest shape', () => {
    expect(codec.decode('agreement.agreement-signed.v1', { date: '2018-03-15' })).toEqual({
      type: 'AgreementSigned',
      data: { on: '2018-03-15', place: 'unknown', witnesses: [] },
    });
    expect(codec.decode('agreement.agreement-signed.v2', { on: '2018', place: 'Rabat' })?.data).toEqual({
      on: '2018',
      place: 'Rabat',
      witnesses: [],
    });
  });

  it('refuses to write or read what does not fit the schema, and says where', () => {
    expect(() => codec.encode({ type: 'AgreementSigned', data: { on: 3 }, effectiveOn: '' }, 'a')).toThrow(/on: /);
    expect(() => codec.decode('agreement.agreement-signed.v3', { on: '2018' })).toThrow(CodecError);
  });

  it('reads a fact as it was recorded where only today’s rules for values would refuse it, and writes no such fact', () => {
    const noted = new Codec({ a: { Noted: { schema: z.object({ text: text(100), on: edtf }) } } });
    const data = { text: 'a\u0000b', on: '-0044-03-15' };
    expect(noted.decode('a.noted.v1', data)?.data).toEqual(data);
    expect(() => noted.encode({ type: 'Noted', data, effectiveOn: '2018' }, 'a')).toThrow(/control character/);
    expect(() => noted.decode('a.noted.v1', { ...data, on: 'yesterday' })).toThrow(CodecError);
  });

  it('passes over names that it does not know', () => {
    expect(codec.decode('$metadata', {})).toBeUndefined();
  });

  it('refuses at start-up a gap in the upcasts, and a type defined twice', () => {
    expect(() => new Codec({ a: { X: { version: 2, schema: z.any() } } })).toThrow(
      /no upcast leads from version 1 to 2/,
    );
    expect(() => new Codec({ a: { X: { schema: z.any() } }, b: { X: { schema: z.any() } } })).toThrow(/Two catalogues/);
  });
});
