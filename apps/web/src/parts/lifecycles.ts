import { useQuery } from '@tanstack/react-query';
import { read } from '../api.js';

/** All versions of all lifecycles; one that is published does not change any more. */
export const useLifecycles = () =>
  useQuery({ queryKey: ['lifecycles'], queryFn: () => read('lifecycles'), staleTime: 600_000 });
