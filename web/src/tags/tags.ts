/** Tags stand in an address as people write them: `north,roof`. Commas and semicolons are none's. */
export function parseTags(text: string | undefined): string[] {
  const parts = (text ?? '').split(/[,;]/);
  return [...new Set(parts.map((tag) => tag.trim().toLowerCase()))].filter(Boolean);
}

/** As it stands in an address; undefined for none. */
export function writeTags(tags: readonly string[]): string | undefined {
  return tags.join(',') || undefined;
}

/** As many as the API takes of one device. */
export const mostTags = 20;
/** In characters. */
export const longestTag = 50;
