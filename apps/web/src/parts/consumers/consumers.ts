import { useQuery } from '@tanstack/react-query';
import type { ConsumerView } from '#operations';
import { read } from '../../api.js';
import { isList } from './words.js';

/** What an operator decides is done by the server a moment later. */
const LOOK_EVERY_MS = 3_000;

/** Those who follow the log, as they are at the moment; for administrators. */
export const useConsumers = () =>
  useQuery({
    queryKey: ['consumers'],
    queryFn: async () => listsWithState((await read('consumers')).items),
    refetchInterval: LOOK_EVERY_MS,
  });

/** Each list has a place of its own, but one state with all others: that of whoever keeps them, which is not shown beside them. */
function listsWithState(all: ConsumerView[]): ConsumerView[] {
  const isKeeper = ({ name }: ConsumerView) => name.startsWith('read models ');
  const { state, since, reason } = all.find(isKeeper) ?? {};
  if (state === undefined) return all;
  const kept = { state, ...(since !== undefined && { since }), ...(reason !== undefined && { reason }) };
  return all.filter((one) => !isKeeper(one)).map((one) => (isList(one.name) ? { ...one, ...kept } : one));
}
