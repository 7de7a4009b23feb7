import type { Command } from 'commander';
import { interruptiblePause } from '#event-sourcing';
import { type Engine, startEngine } from '../server/engine.js';
import { withBar } from '../server/progress-bar.js';
import { readSettings } from '../server/settings.js';
import { log } from './reach.js';

const LOOK_MS = 200;
/** Bars count in these. */
const WHOLE = 1_000;

type Show = (done: number, total: number) => void;

/** `paraphe rebuild`: while a server runs, which then does it, or by itself. */
export function addRebuildCommand(program: Command): void {
  program
    .command('rebuild')
    .description(
      'build read models anew from the log, beside those in use, which serve until then (all of them when none is named)',
    )
    .argument('[read-model...]', 'such as agreements or timeline')
    .action(async (names: string[]) => {
      const engine = await startEngine(readSettings(process.env), log, { access: 'beside' });
      try {
        const wanted = names.length > 0 ? names : engine.projector.names;
        await engine.projector.rebuild(wanted);
        await withBar('Read models', (show) => bringUpToDate(engine, show));
        console.log(`Rebuilt from the log: ${wanted.join(', ')}.`);
        await sayWhatIsSetAside(engine);
      } finally {
        await engine.queue.close();
        await engine.close();
      }
    });
}

/**
 * Keeps the read models until they hold everything and none is being built.
 *
 * @param isAlone whether no other process can have its turn at them: then nobody else's work is waited for
 */
export async function bringUpToDate(
  { projector, consumers }: Pick<Engine, 'projector' | 'consumers'>,
  show: Show = () => {},
  { isAlone = false } = {},
): Promise<void> {
  const stop = new AbortController();
  const running = consumers.run(projector, stop.signal);
  try {
    for (;;) {
      const { isCaughtUp, progress, building } = await projector.status();
      show(Math.round(progress * WHOLE), WHOLE);
      const isDoneHere = projector.isAtWork && isCaughtUp && building.length === 0;
      const isOthers = !isAlone && !projector.isAtWork;
      if (isDoneHere || (isOthers && (await projector.beingRebuilt()).length === 0)) return;
      await interruptiblePause(LOOK_MS, stop.signal);
    }
  } finally {
    stop.abort();
    await running;
  }
}

/** Names what read models do without. */
export async function sayWhatIsSetAside({ turns }: Pick<Engine, 'turns'>): Promise<void> {
  for (const { consumer, stream, type, revision, reason } of await turns.allParked())
    console.log(`Set aside by ${consumer}: ${type} at revision ${revision} of ${stream}: ${reason}`);
}
