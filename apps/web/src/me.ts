import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { ApiProblem, read } from './api.js';

export interface Me {
  id: string;
  name: string;
  roles: string[];
}

const MeContext = createContext<Me>({ id: '', name: '', roles: [] });
export const MeProvider = MeContext.Provider;

/** Who is signed in, on every page behind the door. */
export const useMe = (): Me => useContext(MeContext);

/** Who is signed in; null while nobody is. */
export const useSession = () =>
  useQuery({
    queryKey: ['session'],
    queryFn: () =>
      read('session').catch((error) => {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }),
    staleTime: 60_000,
  });

/** When this user was here before this visit, ISO 8601: what is newer has changed since. */
export const lastVisit: string | undefined = (() => {
  const [kept, now] = [sessionStorage.getItem('paraphe.since'), new Date().toISOString()];
  const before = kept ?? localStorage.getItem('paraphe.visited') ?? '';
  sessionStorage.setItem('paraphe.since', before);
  localStorage.setItem('paraphe.visited', now);
  return before || undefined;
})();

/** Whether somebody may take evidence away and see what was refused. */
export const isAuditor = (roles: readonly string[]): boolean =>
  roles.includes('auditor') || roles.includes('administrator');
