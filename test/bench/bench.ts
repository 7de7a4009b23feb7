import { benchCommands } from './commands.js';
import { benchEventStore } from './event-store.js';

// `npm run bench -- [SECONDS] [events|commands]`. All in one run on one machine: the figures depend on the machine, the
// ratios much less.

const seconds = Number(process.argv[2] ?? 8);
const only = process.argv[3];
if (only !== 'events') await benchCommands(seconds);
if (only !== 'commands') await benchEventStore(seconds);
