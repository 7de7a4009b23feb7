import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
// @ts-expect-error a script without types, which runs before anything is installed
import { nextPause, MEND_FIRST as theirs } from '../../infra/setup/supervise.mjs';
import { MEND_FIRST } from './start-problems.js';

const PATIENCE = { firstMs: 20, longestMs: 100, calmMs: 60_000 };

/** A supervisor of its own process over a small program; `lines` are what both say. */
function supervised(program: string) {
  const script = `import { keepRunning } from './infra/setup/supervise.mjs';
    keepRunning(process.execPath, ['-e', ${JSON.stringify(program)}], { say: console.log, patience: ${JSON.stringify(PATIENCE)} });`;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const exitCode = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const line = async () => (await lines.next()).value as string;
  return { child, line, exitCode };
}

const STAYS = "process.on('SIGTERM', () => process.exit(0)); console.log(process.pid); setInterval(() => {}, 1000)";

it('brings back what is killed, says so in one line, and passes signals on', async () => {
  const { child, line, exitCode } = supervised(STAYS);
  for (const pause of ['0.02', '0.04', '0.08', '0.1', '0.1']) {
    process.kill(Number(await line()), 'SIGKILL');
    expect(await line()).toBe(`Paraphe ended unasked (SIGKILL); it is started again in ${pause} s.`);
  }
  await line();
  child.kill('SIGTERM');
  expect(await exitCode).toBe(0);
});

it('does not repeat a start that fails until somebody mends something', async () => {
  expect(theirs).toBe(MEND_FIRST);
  expect(await supervised(`process.exit(${MEND_FIRST})`).exitCode).toBe(MEND_FIRST);
});

it('takes an end in order for what was asked', async () => {
  expect(await supervised('process.exit(0)').exitCode).toBe(0);
});

it('waits a second at first, twice as long each time, a minute at most, and a second again after ten minutes of calm', () => {
  const pauses = [];
  for (let pause: number | undefined, n = 0; n < 8; n++) {
    pause = nextPause(pause, 0) as number;
    pauses.push(pause);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  expect(nextPause(60_000, 600_000)).toBe(1_000);
});
