/** Reads the address of a node as proxies write it: with or without a port, IPv6 with or without brackets. RFC 7239 §6. */

/** The longest that is looked at: an IPv6 address with a zone, brackets and a port. */
const MAX_LENGTH = 100;

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const PORT = '(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?';
const IPV4 = new RegExp(`^(${OCTET}(?:\\.${OCTET}){3})${PORT}$`);
const IPV6_IN_BRACKETS = new RegExp(`^\\[([0-9A-Fa-f:.]+)\\]${PORT}$`);
const IPV6 = /^[0-9A-Fa-f:.]+$/;
/** The scope of a link-local address, which web servers name for their own peers. */
const ZONE = /%[A-Za-z0-9._-]+$/;

/** The address alone; `undefined` for `unknown`, `_hidden`, `unix:`, and anything else that is not an address. */
export function addressIn(node: string | undefined): string | undefined {
  if (node === undefined || node.length > MAX_LENGTH) return undefined;
  const ipv4 = IPV4.exec(node);
  if (ipv4) return ipv4[1];
  const ipv6 = IPV6_IN_BRACKETS.exec(node)?.[1] ?? node;
  return isIpv6(ipv6.replace(ZONE, '')) ? ipv6 : undefined;
}

function isIpv6(text: string): boolean {
  if (!IPV6.test(text)) return false;
  try {
    // What is valid in brackets, the platform knows.
    return new URL(`http://[${text}]/`).hostname !== '';
  } catch {
    return false;
  }
}
