import { describe, expect, it } from 'vitest';
import { findBlockingRule } from '../../src/media/entry.js';

describe('addresses that are not public are refused', () => {
  it.each<[string, RegExp]>([
    ['0.0.0.0', /unspecified/],
    ['10.1.2.3', /private/],
    ['100.64.0.1', /carrier-grade/],
    ['100.100.100.200', /carrier-grade/],
    ['127.0.0.1', /loopback/],
    ['127.255.255.254', /loopback/],
    ['169.254.169.254', /metadata/],
    ['168.63.129.16', /metadata/],
    ['172.16.0.1', /private/],
    ['172.31.255.255', /private/],
    ['192.0.0.192', /protocol/],
    ['192.168.1.1', /private/],
    ['198.19.0.1', /benchmarking/],
    ['224.0.0.1', /multicast/],
    ['255.255.255.255', /broadcast/],
    ['::', /unspecified/],
    ['::1', /loopback/],
    ['[::1]', /loopback/],
    ['fe80::1%eth0', /link-local/],
    ['fec0::1', /site-local/],
    ['fd00:ec2::254', /private/],
    ['ff02::1', /multicast/],
    ['::ffff:127.0.0.1', /loopback/],
    ['::ffff:7f00:1', /loopback/],
    ['0:0:0:0:0:ffff:a9fe:a9fe', /metadata/],
    ['64:ff9b::10.0.0.1', /private/],
    ['64:ff9b::a9fe:a9fe', /metadata/],
    ['64:ff9b:1::1', /NAT64/],
    ['2002:7f00:1::', /6to4/],
    ['2001:0:7f00:1::', /Teredo/],
    ['2001:db8::1', /documentation/],
    ['::127.0.0.1', /outside/],
    ['::ffff:0:127.0.0.1', /outside/],
    ['4000::1', /outside/],
    ['', /not an IP/],
    ['localhost', /not an IP/],
    ['127.1', /not an IP/],
  ])('%s', (address, rule) => {
    expect(findBlockingRule(address)).toMatch(rule);
  });

  it.each([
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '169.253.0.1',
    '1.1.1.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2a00:1450:4001::5',
    '3fff:1000::1',
  ])('and %s is let through', (address) => {
    expect(findBlockingRule(address)).toBeUndefined();
  });
});
