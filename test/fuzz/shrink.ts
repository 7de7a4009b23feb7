import type { FuzzRequest } from './requests.js';
import type { Json } from './values.js';

/** How often a smaller request is tried. */
const MOST_TRIES = 60;

/** A smaller request that still fails in the same way: without parameters, headers and members that do not matter. */
export async function minimal(
  request: FuzzRequest,
  fails: (request: FuzzRequest) => Promise<boolean>,
): Promise<FuzzRequest> {
  let [smallest, tries] = [request, 0];
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false;
    for (const candidate of smaller(smallest)) {
      if (++tries > MOST_TRIES) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      hasShrunk = true;
      break;
    }
  }
  return smallest;
}

function* smaller(request: FuzzRequest): Generator<FuzzRequest> {
  const { path, headers, body } = request;
  const [address, query] = path.split('?') as [string, string?];
  const pairs = query?.split('&') ?? [];
  for (const pair of pairs) {
    const left = pairs.filter((one) => one !== pair);
    yield { ...request, path: left.length > 0 ? `${address}?${left.join('&')}` : address };
  }
  for (const name of Object.keys(headers).filter((one) => one !== 'content-type'))
    yield { ...request, headers: Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name)) };
  if (body === undefined) return;
  let value: Json;
  try {
    value = JSON.parse(body.toString()) as Json;
  } catch {
    // Of what is no JSON, half may do.
    yield { ...request, body: body.subarray(0, body.length >> 1) };
    yield { ...request, body: body.subarray(body.length >> 1) };
    return;
  }
  for (const less of simpler(value)) yield { ...request, body: Buffer.from(JSON.stringify(less)) };
}

/** The value with one part of it taken out, or a long text cut. */
function* simpler(value: Json): Generator<Json> {
  if (typeof value === 'string' && value.length > 20) yield value.slice(0, value.length >> 1);
  if (Array.isArray(value))
    for (const [at, item] of value.entries()) {
      yield value.filter((_, index) => index !== at);
      for (const less of simpler(item)) yield value.map((one, index) => (index === at ? less : one));
    }
  else if (value !== null && typeof value === 'object')
    for (const [name, item] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([one]) => one !== name));
      for (const less of simpler(item))
        yield Object.fromEntries(Object.entries(value).map(([one, held]) => [one, one === name ? less : held]));
    }
}
