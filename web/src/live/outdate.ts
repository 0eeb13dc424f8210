import type { QueryClient, QueryKey } from '@tanstack/react-query';

/**
 * Has queries asked again. A first answer that is on its way may have been read before the event: it is let through,
 * and asked for again.
 */
export function outdate(queries: QueryClient, queryKey: QueryKey, { exact = false } = {}): void {
  const onTheirWay = queries.getQueryCache().findAll({
    queryKey,
    exact,
    fetchStatus: 'fetching',
    predicate: ({ state }) => state.data === undefined,
  });
  for (const query of onTheirWay) {
    const again = () => void queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
    query.promise?.then(again, () => {});
  }
  void queries.invalidateQueries({ queryKey, exact });
}
