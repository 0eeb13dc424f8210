import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem, isPassing } from './problem.ts';

/** @param onSignedOut called when the platform no longer knows the session */
export function makeQueryClient({ onSignedOut }: { onSignedOut: () => void }): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiProblem && error.status === 401) onSignedOut();
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5000,
        retry: (failures, error) => isPassing(error) && failures < 2,
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5000),
        // A query that gave up asks again when the page does: a platform that is back is noticed without a reload.
        refetchInterval: (query) => (isPassing(query.state.error) ? 5000 : false),
        networkMode: 'always',
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
