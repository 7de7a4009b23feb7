import { readFileSync } from 'node:fs';
import { codecWith } from '../apps/server/capabilities.js';

const codec = codecWith();
const recorded: Record<string, unknown> = JSON.parse(readFileSync('test/fixtures/recorded-events.json', 'utf8'));

// One event of every stored name ever written. An entry is never changed or taken away: the logs out there hold it.
describe('events as they were recorded', () => {
  it('cover every stored name', () => {
    expect(Object.keys(recorded).sort()).toEqual(codec.storedNames().sort());
  });

  it.each(Object.entries(recorded))('%s is still understood, and written back in its latest shape', (name, data) => {
    const decoded = codec.decode(name, data)!;
    const { data: written } = codec.encode({ type: decoded.type, data: decoded.data, effectiveOn: '2018' }, 'somebody');
    expect(written).toEqual(decoded.data);
    if (codec.encode({ ...decoded, effectiveOn: '2018' } as never, 'somebody').storedName === name)
      expect(written).toEqual(data);
  });
});
