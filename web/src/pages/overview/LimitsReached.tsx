import { useQuery } from '@tanstack/react-query';
import { usageQuery } from '../../api/queries.ts';
import { AnchorLink } from '../../components/links.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { LimitNotice } from '../../usage/LimitNotice.tsx';

/** Limits that held something back lately; what is read for it may fail without a word, for the page has more to say. */
export function LimitsReached() {
  const { id: org } = useOrganization();
  const { data: usage } = useQuery(usageQuery(org));
  const details = (
    <AnchorLink to={paths.usage} params={{ org }} size="sm">
      See the usage
    </AnchorLink>
  );
  return usage ? <LimitNotice limits={usage.limits} action={details} /> : null;
}
