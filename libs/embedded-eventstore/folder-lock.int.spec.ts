import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FolderInUse, lockFolder } from '#embedded-eventstore';
import { temporaryFolder } from './testing.js';

// Real processes, one of them in a process namespace of its own, as in another container on the same volume. That takes root.

const TAKE = `import { lockFolder } from '#embedded-eventstore';
  try { lockFolder(process.argv[1]); console.log('taken'); setInterval(() => {}, 1_000); }
  catch (error) { console.log(error.name + ': ' + error.message); }`;
const NODE = [process.execPath, '--input-type=module', '-e', TAKE];
const ELSEWHERE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];

let folder: string;
const running = new Set<ChildProcess>();

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await Promise.all([...running].map(end));
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a process that takes the folder, and says what came of it. */
function take(command: string[]): Promise<{ child: ChildProcess; said: string }> {
  const [program, ...options] = [...command, folder];
  const child = spawn(program!, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (said) => resolve({ child, said }));
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code} and said nothing`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

it('names the holder to whoever comes second, in the same process too', async () => {
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`The folder ${folder} is in use by process ${process.pid}. `);
  expect((await take(NODE)).said).toContain(`FolderInUse: The folder ${folder} is in use by process ${process.pid}. `);
  unlock();
  expect((await take(NODE)).said).toBe('taken');
  expect(() => lockFolder(folder)).toThrow(FolderInUse);
});

it('is refused to a process in another process namespace, and given at once when the holder is killed', async () => {
  const first = await take(NODE);
  expect(first.said).toBe('taken');
  expect((await take([...ELSEWHERE, ...NODE])).said).toContain('FolderInUse');
  await end(first.child);
  const next = await take([...ELSEWHERE, ...NODE]);
  expect(next.said).toBe('taken');
  // And the other way round: the holder's id says nothing here.
  expect((await take(NODE)).said).toContain('FolderInUse');
});

it('of many that come at the same instant exactly one has it', async () => {
  for (let round = 0; round < 3; round++) {
    const all = await Promise.all(Array.from({ length: 4 }, () => take(NODE)));
    expect(all.filter(({ said }) => said === 'taken')).toHaveLength(1);
    expect(all.filter(({ said }) => said.startsWith('FolderInUse'))).toHaveLength(3);
    await Promise.all(all.map(({ child }) => end(child)));
  }
});

it('says nothing on the console about the means', () => {
  const script = TAKE.replace('setInterval(() => {}, 1_000);', '');
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'taken\n', stderr: '' });
});
