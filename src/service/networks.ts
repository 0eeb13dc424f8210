import ipaddr from 'ipaddr.js';

/** Addresses and networks, as somebody wrote them down. Portable: no node: module. */
export type Networks = (address: string) => boolean;

/**
 * @param text addresses and networks in CIDR notation, separated by commas or spaces: `10.0.0.0/8, 2001:db8::7`
 * @returns whether an address is one of them, IPv4 also in the clothes of IPv6
 * @throws Error for what is neither
 */
export function networks(text: string): Networks {
  const ranges = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(range);
  return (text) => {
    const address = addressIn(text);
    return ranges.some(
      ([network, bits]) => address?.kind() === network.kind() && address.match(network, bits),
    );
  };
}

/** Of IPv4 only what has four parts: `10.1` is 10.0.0.1 to some programs. */
function addressIn(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (text.includes(':')) return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
}

function range(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [host = '', bits, more] = text.split('/');
  const address = addressIn(host);
  const most = address?.kind() === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? most : Number(bits);
  if (
    !address ||
    bits === '' ||
    more !== undefined ||
    !(Number.isInteger(length) && length >= 0 && length <= most)
  )
    throw new Error(`${text} is no address and no network`);
  return [address, length];
}
