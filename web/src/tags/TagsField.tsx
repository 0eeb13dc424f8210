import { TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { tagsQuery } from '../api/queries.ts';
import { useOrganization } from '../session/session.ts';
import { longestTag, mostTags, parseTags } from './tags.ts';

interface Props {
  label: string;
  description?: string;
  tags: readonly string[];
  onChange: (tags: string[]) => void;
  error?: string | undefined;
}

/** Tags as they are typed, those in use being offered. */
export function TagsField({
  label,
  description = 'Enter or a comma after each',
  tags,
  onChange,
  error,
}: Props) {
  const { id: org } = useOrganization();
  const { data: used } = useQuery(tagsQuery(org));
  const tooLong = tags.find((tag) => tag.length > longestTag);
  return (
    <TagsInput
      label={label}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={tags.length === 0 ? 'roof' : undefined}
      data={used?.map(({ tag }) => tag)}
      splitChars={[',', ';']}
      maxTags={mostTags}
      acceptValueOnBlur
      value={[...tags]}
      error={error ?? (tooLong && `A tag has up to ${longestTag} characters`)}
      // Pasted, several come as one.
      onChange={(typed) => onChange(parseTags(typed.join()))}
    />
  );
}
