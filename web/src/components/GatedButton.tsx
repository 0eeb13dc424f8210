import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentPropsWithRef } from 'react';
import type { Role } from '../../../src/contract/common.ts';
import { usePermission } from '../session/session.ts';

type Props = ButtonProps & Omit<ComponentPropsWithRef<'button'>, keyof ButtonProps> & { needs: Role };

/**
 * A button for those whose role allows it. For others it is there, does nothing and says why: it keeps its place
 * in the keyboard's order, or nobody without a mouse would learn the reason.
 */
export function GatedButton({ needs, ...props }: Props) {
  const { allowed, why } = usePermission(needs);
  if (allowed) return <Button {...props} />;
  return (
    <Tooltip label={why} multiline maw={260}>
      <Button
        {...props}
        data-disabled
        aria-disabled
        aria-description={why}
        type="button"
        onClick={(event) => event.preventDefault()}
      />
    </Tooltip>
  );
}
