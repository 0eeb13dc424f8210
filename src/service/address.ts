import ipaddr from 'ipaddr.js';

/** Which addresses a URL from a customer may lead to (DESIGN 12). Portable: no node: module. */

/** What people call a range of ipaddr.js; all others but `unicast` are `reserved`. */
const names: Record<string, string> = {
  unspecified: 'an unspecified',
  broadcast: 'a broadcast',
  multicast: 'a multicast',
  linkLocal: 'a link-local',
  loopback: 'a loopback',
  private: 'a private',
  uniqueLocal: 'a private',
  carrierGradeNat: 'a carrier’s internal',
};
const RESERVED = 'a reserved';

/** Global unicast, RFC 4291 section 2.4; nothing else of IPv6 is handed out (IANA's registry of address space). */
const handedOut = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * True for an address that the whole internet reaches; false for every special one, for an IPv4 address of that kind
 * in the clothes of IPv6, and for what is no address at all.
 */
export function isPublicAddress(ip: string): boolean {
  return specialKind(ip) === undefined;
}

/**
 * What keeps an address from being public, with its article, as in "10.0.0.5 is *a private* address".
 * @returns undefined for a public one
 */
export function specialKind(ip: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return kindOf4(ipaddr.IPv4.parse(ip));
  // Without a zone (`%eth0`), which is a matter of this machine.
  if (!/^[0-9a-f:.]+$/i.test(ip)) return RESERVED;
  // By way of URL: ipaddr.js takes ::8.8.8.8 for ::ffff:8.8.8.8.
  const hex = URL.parse(`http://[${ip}]`)?.hostname.slice(1, -1);
  return hex === undefined ? RESERVED : kindOf6(ipaddr.IPv6.parse(hex));
}

function kindOf4(address: ipaddr.IPv4): string | undefined {
  const range = address.range();
  return range === 'unicast' ? undefined : (names[range] ?? RESERVED);
}

function kindOf6(address: ipaddr.IPv6): string | undefined {
  const range = address.range();
  const embedded = ipv4Within(address, range);
  if (embedded) return kindOf4(embedded);
  if (range !== 'unicast') return names[range] ?? RESERVED;
  return address.match(handedOut) ? undefined : RESERVED;
}

/**
 * The IPv4 address that a packet to this one really goes to: mapped (RFC 4291), through NAT64's well-known prefix
 * (RFC 6052; the local one, 64:ff9b:1::/48, counts as reserved) or 6to4 (RFC 3056). Teredo, which hides one as well,
 * is reserved as a whole: no service lives there.
 */
function ipv4Within(address: ipaddr.IPv6, range: string): ipaddr.IPv4 | undefined {
  const bytes = address.toByteArray();
  if (range === 'ipv4Mapped') return new ipaddr.IPv4(bytes.slice(12));
  if (range === 'rfc6052' && address.parts[2] === 0) return new ipaddr.IPv4(bytes.slice(12));
  if (range === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6));
  return undefined;
}
