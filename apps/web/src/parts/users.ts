import { useQuery } from '@tanstack/react-query';
import { read } from '../api.js';

export interface User {
  id: string;
  name: string;
  email?: string;
  roles: string[];
  groups: string[];
  active: boolean;
}

/** The desk's users, by name. */
export const useUsers = () => useQuery({ queryKey: ['users'], queryFn: () => read('users'), staleTime: 300_000 });
