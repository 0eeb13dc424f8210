import { useLocation } from '@tanstack/react-router';

const keptKey = 'netneural.invitation';

/** The token behind the `#` of a link: browsers never send that part to a server. */
export function useFragmentToken(): string {
  return useLocation({ select: (location) => location.hash.replace(/^#/, '') });
}

/** Keeps an invitation's token while its bearer signs in, in this tab and out of every address. */
export function keepInvitation(token: string): void {
  sessionStorage.setItem(keptKey, token);
}

export function keptInvitation(): string {
  return sessionStorage.getItem(keptKey) ?? '';
}

export function forgetInvitation(): void {
  sessionStorage.removeItem(keptKey);
}
