import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ask } from './reach.js';

const asked = (server: string) => ask({ server, token: 't' }, 'POST', 'imports', {});

it('an answer that is cut half-way is not taken for nobody', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"half":');
    setTimeout(() => response.destroy(), 50);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(asked(`http://127.0.0.1:${port}`)).rejects.toThrow('terminated');
  server.close();
  await expect(asked(`http://127.0.0.1:${port}`)).rejects.toThrow(/^Nobody answers at .* \(.*ECONNREFUSED.*\)/);
});

it('a host that refuses on each of its addresses is named with why', async () => {
  const real = globalThis.fetch;
  globalThis.fetch = async () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }) });
  };
  await expect(asked('http://two.example')).rejects.toThrow('Nobody answers at http://two.example (ECONNREFUSED).');
  globalThis.fetch = real;
});
