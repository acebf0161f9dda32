/** Which addresses a foreign URL may not lead to: everything that is not a public unicast address. */

import { BlockList, isIP } from 'node:net';

type Rule = readonly [subnet: string, prefix: number, rule: string];

// IANA IPv4 special-purpose registry (iana.org/assignments/iana-ipv4-special-registry, read 2026-11-24), and multicast and the
// reserved block, which stand in the IPv4 address space registry.
const ipv4Rules: readonly Rule[] = [
  ['0.0.0.0', 8, 'unspecified address (0.0.0.0/8)'],
  ['10.0.0.0', 8, 'private network (10.0.0.0/8)'],
  // Alibaba Cloud's metadata service, 100.100.100.200, is in here.
  ['100.64.0.0', 10, 'carrier-grade NAT (100.64.0.0/10)'],
  ['127.0.0.0', 8, 'loopback (127.0.0.0/8)'],
  ['169.254.0.0', 16, 'link-local, where cloud metadata services live (169.254.0.0/16)'],
  ['172.16.0.0', 12, 'private network (172.16.0.0/12)'],
  ['192.0.0.0', 24, 'protocol assignments (192.0.0.0/24)'],
  ['192.0.2.0', 24, 'documentation (192.0.2.0/24)'],
  ['192.88.99.0', 24, '6to4 relay (192.88.99.0/24)'],
  ['192.168.0.0', 16, 'private network (192.168.0.0/16)'],
  ['198.18.0.0', 15, 'benchmarking (198.18.0.0/15)'],
  ['198.51.100.0', 24, 'documentation (198.51.100.0/24)'],
  ['203.0.113.0', 24, 'documentation (203.0.113.0/24)'],
  ['224.0.0.0', 4, 'multicast (224.0.0.0/4)'],
  ['240.0.0.0', 4, 'reserved or broadcast (240.0.0.0/4)'],
  // Azure's host service has a public address (learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
  ['168.63.129.16', 32, 'cloud metadata (168.63.129.16)'],
];

// IANA IPv6 special-purpose registry, read 2026-11-24. What no rule names is let through only inside 2000::/3.
const ipv6Rules: readonly Rule[] = [
  ['::', 128, 'unspecified address (::)'],
  ['::1', 128, 'loopback (::1)'],
  ['fe80::', 10, 'link-local (fe80::/10)'],
  ['fec0::', 10, 'site-local (fec0::/10)'],
  // Amazon's metadata service over IPv6, fd00:ec2::254, is in here.
  ['fc00::', 7, 'private network (fc00::/7)'],
  ['ff00::', 8, 'multicast (ff00::/8)'],
  ['64:ff9b:1::', 48, 'local NAT64 (64:ff9b:1::/48)'],
  ['2001::', 32, 'Teredo tunnel (2001::/32)'],
  ['2001::', 23, 'protocol assignments (2001::/23)'],
  ['2001:db8::', 32, 'documentation (2001:db8::/32)'],
  ['2002::', 16, '6to4 tunnel (2002::/16)'],
  ['3fff::', 20, 'documentation (3fff::/20)'],
];

interface Check {
  readonly list: BlockList;
  readonly rule: string;
}

const ipv4Checks = ipv4Rules.map((rule) => toCheck(rule, 'ipv4'));
const ipv6Checks = ipv6Rules.map((rule) => toCheck(rule, 'ipv6'));
const globalUnicast = toCheck(['2000::', 3, ''], 'ipv6').list;

function toCheck([subnet, prefix, rule]: Rule, family: 'ipv4' | 'ipv6'): Check {
  const list = new BlockList();
  list.addSubnet(subnet, prefix, family);
  return { list, rule };
}

/**
 * Why an address may not be connected to, or `undefined` when it is public. IPv4 addresses inside IPv6 ones (mapped, NAT64) are
 * judged as IPv4. What is no IP address at all is refused.
 *
 * @example
 * findBlockingRule('169.254.169.254'); // 'link-local, where cloud metadata services live (169.254.0.0/16)'
 */
export function findBlockingRule(address: string): string | undefined {
  const bare = address.replace(/%.*$/, '').replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  if (family === 0) return 'not an IP address';
  if (family === 4) return ipv4Checks.find(({ list }) => list.check(bare, 'ipv4'))?.rule;

  const groups = expandIpv6(bare);
  const embedded = embeddedIpv4(groups);
  if (embedded !== undefined) return findBlockingRule(embedded);
  const normal = groups.map((group) => group.toString(16)).join(':');
  const rule = ipv6Checks.find(({ list }) => list.check(normal, 'ipv6'))?.rule;
  return rule ?? (globalUnicast.check(normal, 'ipv6') ? undefined : 'not a public address (outside 2000::/3)');
}

/** The eight 16-bit groups of a valid IPv6 address. */
function expandIpv6(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hexadecimal = dotted
    ? `${dotted[1] ?? ''}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`
    : address;
  const [head = '', tail] = hexadecimal.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
}

function pair(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

/** ::ffff:a.b.c.d (mapped) and 64:ff9b::a.b.c.d (NAT64, RFC 6052), which is how IPv6-only networks reach public IPv4 hosts. */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const [g0, g1, g2, g3, g4, g5, g6 = 0, g7 = 0] = groups;
  const middleIsZero = g2 === 0 && g3 === 0 && g4 === 0;
  const mapped = g0 === 0 && g1 === 0 && middleIsZero && g5 === 0xffff;
  const nat64 = g0 === 0x64 && g1 === 0xff9b && middleIsZero && g5 === 0;
  return mapped || nat64 ? `${g6 >> 8}.${g6 & 0xff}.${g7 >> 8}.${g7 & 0xff}` : undefined;
}
