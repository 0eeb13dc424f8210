import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { DecoderName } from '../../../../src/contract/decoders.ts';
import { answer, api } from '../../api/client.ts';
import type { DraftSettings } from './draft.ts';

/** So long nobody has to have typed, in ms. */
const pauseMs = 250;

export interface Decoding {
  decoder: DecoderName;
  settings: DraftSettings;
  topic: string;
  base64: string;
}

/**
 * What the platform would make of a payload, asked shortly after the last key. An answer to what is no longer asked is
 * not shown; the one before stays until the next is there, marked as `waiting`.
 * @param decoding undefined while it can't be asked
 */
export function usePreview(org: string, decoding: Decoding | undefined) {
  const asked = decoding && JSON.stringify(decoding);
  const [settled] = useDebouncedValue(asked, pauseMs);
  const query = useQuery({
    queryKey: [org, 'preview', settled],
    queryFn: ({ signal }) => {
      const { decoder, settings, topic, base64 } = JSON.parse(settled!) as Decoding;
      return answer(
        api.POST('/api/v1/organizations/{org}/quarantine/preview', {
          params: { path: { org } },
          body: { decoder, decoder_settings: settings, topic, payload_base64: base64 },
          signal,
        }),
      );
    },
    enabled: settled !== undefined && settled === asked,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const isSettled = settled === asked && asked !== undefined;
  return {
    preview: query.data,
    error: isSettled ? (query.error ?? undefined) : undefined,
    waiting: !isSettled || query.isPlaceholderData,
    retry: () => void query.refetch(),
  };
}
