import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { newId } from '#event-sourcing';
import { HOUSE, operationCommands } from '#operations';
import { formatVerifierKey } from '#transparency';
import { type Engine, startEngine } from '../server/engine.js';
import type { Forsaking } from '../server/forsaken-keys.js';
import { keyPlaces } from '../server/key-places.js';
import { readSettings } from '../server/settings.js';
import { log, OPERATOR, reasonOf } from './reach.js';

export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('the keys of this instance (the server must be stopped)');

  keys
    .command('rotate')
    .description(
      'put a new signing key in the place of the present one, which vouches for it; prints the new public key',
    )
    .option('--to <file>', 'an Ed25519 private key in PEM form; a new one is made when left out')
    .action(({ to }: { to?: string }) =>
      withTree(async ({ transparency, settings }) => {
        const key = await transparency.rotateKey(to === undefined ? undefined : readFileSync(to, 'utf8'));
        console.log(`The new public key, by which heads of the log are checked from now on: ${formatVerifierKey(key)}`);
        console.log(
          `Its private key is in ${keyPlaces(settings).signing}, in the place of the old one, which vouches for it in the log. Give the public key to auditors, and copy the private one ('paraphe backup --keys').`,
        );
      }),
    );

  keys
    .command('forsake')
    .description(
      'go on without keys that are lost for good: what they opened stays closed, and new ones are made; it stands in the log',
    )
    .requiredOption('--reason <text>', 'why; it stands in the log for ever', reasonOf)
    .action(({ reason }: { reason: string }) =>
      withTree(
        async ({ missingKeys, transparency, commands }) => {
          if (missingKeys.length === 0) throw new Error('No key is missing. Nothing was changed.');
          if (missingKeys.includes('signing')) {
            const key = await transparency.replaceLostKey((made) =>
              commands.send(
                operationCommands,
                HOUSE,
                { type: 'ReplaceSigningKey', key: made, reason },
                { commandId: newId(), actor: OPERATOR },
              ),
            );
            console.log(`The new signing key: ${formatVerifierKey(key)}`);
          }
          console.log(`Given up, on record: ${missingKeys.join(', ')}.`);
        },
        { reason, actor: OPERATOR },
      ),
    );
}

/** The engine with the tree over its log, which signs. */
async function withTree(work: (engine: Engine) => Promise<void>, forsaking?: Forsaking): Promise<void> {
  const engine = await startEngine(readSettings(process.env), log, {
    access: 'alone',
    ...(forsaking && { forsaking }),
  });
  const stop = new AbortController();
  const running = engine.consumers.run(engine.transparency, stop.signal);
  try {
    await work(engine);
  } finally {
    stop.abort();
    await running.catch(() => {});
    await engine.queue.close();
    await engine.close();
  }
}
