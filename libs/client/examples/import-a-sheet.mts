// Sends a sheet, has its rows checked, and imports it.
import { Paraphe } from '@paraphe/client';

const paraphe = new Paraphe({ url: process.env.PARAPHE_URL!, token: process.env.PARAPHE_TOKEN });

const sheet = 'Référence;Nom;Nature;Pays\nexample-agency;Agence exemple;Agence;Belgique\n';
type Upload = Awaited<ReturnType<typeof paraphe.read<'uploads/{id}'>>>;
let upload = await paraphe.sendContent<Upload>('POST', 'uploads?name=organisations.csv', sheet);

async function settled(): Promise<Upload> {
  for (;;) {
    const state = await paraphe.read('uploads/{id}', { id: upload.id });
    if (!state.progress) return state;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const [proposal] = upload.proposals;
await paraphe.command('uploads/{id}/check', { id: upload.id }, { kind: proposal!.kind, columns: proposal!.columns });
upload = await settled();
console.log(upload.outcome!.counts);
await paraphe.command('uploads/{id}/import', { id: upload.id }, {});
upload = await settled();
console.log(upload.state);
