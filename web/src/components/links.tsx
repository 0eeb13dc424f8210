import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink, type LinkComponent } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type Plain<Own> = Own & Omit<ComponentPropsWithRef<'a'>, keyof Own>;

function PlainAnchor(props: Plain<AnchorProps>) {
  return <Anchor {...props} />;
}
function PlainButton(props: Plain<ButtonProps>) {
  return <Button component="a" {...props} />;
}

/** A link of the router in running text. */
export const AnchorLink: LinkComponent<typeof PlainAnchor> = createLink(PlainAnchor);
/** A link of the router that looks like the button it is on the page. */
export const ButtonLink: LinkComponent<typeof PlainButton> = createLink(PlainButton);
