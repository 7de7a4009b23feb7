import { fuzz } from './fuzz/run.js';
import { IS_LONG } from './support/sample.js';

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? (IS_LONG ? 20_000 : 2_000));
const SEED = Number(process.env.FUZZ_SEED ?? 17);

describe('whatever anybody sends', () => {
  it(
    'is answered as it should be, and everybody else goes on working',
    async () => {
      const { requests, faults } = await fuzz({ requests: REQUESTS, seed: SEED, say: () => {} });
      expect(faults.map(({ what, reproduction }) => `${what}\n${reproduction}`).join('\n\n')).toBe('');
      expect(requests).toBe(REQUESTS);
    },
    600_000 + REQUESTS * 100,
  );
});
