import { spawnSync } from 'node:child_process';

/** A process that watches itself, and meets with something. */
function ended(body: string) {
  const program = `
    const { watchProcess } = await import('./dist/apps/server/last-resort.js');
    watchProcess(async (code) => { console.log('stopped'); process.exit(code); });
    ${body}
    setTimeout(() => { console.log('went on'); process.exit(0); }, 50);`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
}

describe('an error that nobody caught', () => {
  it('goes on after a promise that was rejected, and names it in the log', () => {
    const { status, stdout, stderr } = ended("Promise.reject(new Error('of one request'));");
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'went on\n' });
    expect(stderr).toContain('nobody looked: Error: of one request');
  });

  it('ends cleanly with exit code 70 after an exception, and says why', () => {
    const { status, stdout, stderr } = ended("setImmediate(() => { throw new Error('past everything'); });");
    expect({ status, stdout }).toEqual({ status: 70, stdout: 'stopped\n' });
    expect(stderr).toContain('exit code 70): Error: past everything');
  });

  it('ends although what was thrown cannot be described', () => {
    const hostile = 'new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } })';
    expect(ended(`setImmediate(() => { throw ${hostile}; });`).status).toBe(70);
  });
});
