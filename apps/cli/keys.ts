import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { formatVerifierKey } from '#transparency';
import { startEngine } from '../server/engine.js';
import { readSettings } from '../server/settings.js';
import { log } from './reach.js';

export function addKeysCommand(program: Command): void {
  program
    .command('keys')
    .description('the key that signs the heads of the log (the server must be stopped)')
    .command('rotate')
    .description(
      'put a new signing key in the place of the present one, which vouches for it; prints the new public key',
    )
    .option('--to <file>', 'an Ed25519 private key in PEM form; a new one is made when left out')
    .action(async ({ to }: { to?: string }) => {
      const engine = await startEngine(readSettings(process.env), log, 'alone');
      const stop = new AbortController();
      const running = engine.transparency.run(stop.signal);
      try {
        const key = await engine.transparency.rotateKey(to === undefined ? undefined : readFileSync(to, 'utf8'));
        console.log(formatVerifierKey(key));
      } finally {
        stop.abort();
        await running.catch(() => {});
        await engine.queue.close();
        await engine.close();
      }
    });
}
