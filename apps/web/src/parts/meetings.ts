import { useQuery } from '@tanstack/react-query';
import { read } from '../api.js';

/** The meetings with partners, the latest first. */
export const useMeetings = () =>
  useQuery({ queryKey: ['meetings'], queryFn: () => read('meetings', { limit: '200' }) });
