import { CommandFailed } from '../command-failed.ts';
import type { Histories, HistoryRequest, HistorySources } from './histories.ts';

/**
 * Fetches what the cache lacks of the request, and gives what it then holds. Days that are over are fetched once.
 *
 * @throws CommandFailed: Azure refuses or does not answer; what was fetched until then is kept
 */
export function fetchHistories(
  _request: HistoryRequest,
  _sources: HistorySources,
): Promise<Histories> {
  return Promise.reject(new CommandFailed('histories cannot be fetched yet'));
}

/**
 * What the cache holds of the request; what it lacks is in `gaps` of each history.
 *
 * @throws CommandFailed: it holds nothing of it
 */
export function cachedHistories(_request: HistoryRequest): Promise<Histories> {
  return Promise.reject(new CommandFailed('histories cannot be read yet'));
}
