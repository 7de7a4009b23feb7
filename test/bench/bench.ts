import { benchAudit } from './audit.js';
import { benchCommands } from './commands.js';
import { benchEdges } from './edges.js';
import { benchEventStore } from './event-store.js';
import { benchLifecycles, benchWhatIf } from './lifecycles.js';
import { benchReminders } from './reminders.js';
import { benchWeb } from './web.js';

// `npm run bench -- [SECONDS] [events|commands|lifecycles|reminders|web|audit|edges]`. All in one run on one machine: the figures depend on the machine, the
// ratios much less.

const seconds = Number(process.argv[2] ?? 8);
const only = process.argv[3];
if (only === undefined || only === 'commands') await benchCommands(seconds);
if (only === undefined || only === 'events') await benchEventStore(seconds);
if (only === undefined || only === 'lifecycles') {
  benchLifecycles();
  benchWhatIf();
}
if (only === undefined || only === 'reminders') await benchReminders();
if (only === undefined || only === 'web') await benchWeb();
if (only === undefined || only === 'audit') await benchAudit();
if (only === undefined || only === 'edges') await benchEdges();
