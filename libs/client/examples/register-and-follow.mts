// Registers an agreement, keeps a note, and hears of what comes after the registration as it happens.
import { ApiProblem, Paraphe } from '@paraphe/client';

const paraphe = new Paraphe({ url: process.env.PARAPHE_URL!, token: process.env.PARAPHE_TOKEN });

const { position } = await paraphe.command(
  'agreements',
  {},
  {
    id: 'example-agreement',
    title: 'Convention de coopération',
    type: 'specific-convention',
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
  },
  { idempotencyKey: 'example-agreement' },
);
await paraphe.command('agreements/{id}/notes', { id: 'example-agreement' }, { text: 'Premier contact pris' });

// The read waits until it sees what was done.
const agreement = await paraphe.read('agreements/{id}', { id: 'example-agreement' });
console.log(agreement.title, agreement.stage.labels.fr);

for await (const change of paraphe.changes({ after: position ?? 'beginning', types: ['paraphe.agreement.*'] })) {
  console.log(change.type, change.subject);
  if (change.type.includes('note')) break;
}

try {
  await paraphe.command('agreements/{id}/notes', { id: 'example-agreement' }, { text: '' });
} catch (error) {
  if (!(error instanceof ApiProblem)) throw error;
  console.log(error.status, error.errors[0]?.field);
}
