import { parseArgs } from 'node:util';
import { fuzz } from './run.js';

// `npm run fuzz -- N [--seed S]`: sends N requests that nobody should send to a server of its own.
const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
const requests = Number(positionals[0] ?? 2_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!Number.isSafeInteger(requests) || requests < 1 || !Number.isSafeInteger(seed)) {
  console.error('Usage: npm run fuzz -- NUMBER [--seed NUMBER]');
  process.exit(2);
}

const report = await fuzz({ requests, seed, say: (line) => console.log(line) });
for (const { what, reproduction } of report.faults) console.log(`\n✗ ${what}\n${reproduction}`);
console.log(`\n${report.requests} requests; answers: ${JSON.stringify(report.statuses)}`);
const { before, after } = report.memory;
console.log(
  `Held: ${before.held} MB after the warm-up, ${after.held} MB at the end (resident: ${before.resident}, ${after.resident}).`,
);
if (report.onlyRefused.length > 0) console.log(`Only ever refused: ${report.onlyRefused.join(', ')}`);
console.log(report.faults.length === 0 ? 'The house stands.' : `${report.faults.length} faults; seed ${seed}.`);
process.exitCode = report.faults.length === 0 ? 0 : 1;
