import { describe, expect, test } from 'vitest';
import { isPublicAddress, specialKind } from './address.ts';

describe('public', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ])('%s', (ip) => {
    expect(isPublicAddress(ip)).toBe(true);
  });
});

describe('not public', () => {
  test.each([
    ['0.0.0.0', 'an unspecified'],
    ['0.1.2.3', 'an unspecified'],
    ['10.0.0.5', 'a private'],
    ['172.16.0.1', 'a private'],
    ['172.31.255.255', 'a private'],
    ['192.168.1.1', 'a private'],
    ['127.0.0.1', 'a loopback'],
    ['127.255.255.254', 'a loopback'],
    ['169.254.169.254', 'a link-local'],
    ['100.64.0.1', 'a carrier’s internal'],
    ['100.127.255.255', 'a carrier’s internal'],
    ['192.0.0.8', 'a reserved'],
    ['192.0.2.1', 'a reserved'],
    ['198.51.100.1', 'a reserved'],
    ['203.0.113.1', 'a reserved'],
    ['198.18.0.1', 'a reserved'],
    ['198.19.255.255', 'a reserved'],
    ['192.88.99.1', 'a reserved'],
    ['224.0.0.1', 'a multicast'],
    ['239.255.255.255', 'a multicast'],
    ['240.0.0.1', 'a reserved'],
    ['255.255.255.255', 'a broadcast'],
    ['::', 'an unspecified'],
    ['::1', 'a loopback'],
    ['fe80::1', 'a link-local'],
    ['fe80::1%eth0', 'a reserved'],
    ['2606:4700::1%eth0', 'a reserved'],
    ['fec0::1', 'a reserved'],
    ['fc00::1', 'a private'],
    ['fd00:ec2::254', 'a private'],
    ['ff02::1', 'a multicast'],
    ['100::1', 'a reserved'],
    ['2001:db8::1', 'a reserved'],
    ['3fff::1', 'a reserved'],
    ['2001:2::1', 'a reserved'],
    ['::ffff:127.0.0.1', 'a loopback'],
    ['::ffff:a9fe:a9fe', 'a link-local'],
    ['::127.0.0.1', 'a reserved'],
    ['::8.8.8.8', 'a reserved'],
    [']@[::1', 'a reserved'],
    ['::ffff:0:10.0.0.1', 'a reserved'],
    ['64:ff9b::10.0.0.1', 'a private'],
    ['64:ff9b:1::808:808', 'a reserved'],
    ['2002:7f00:1::', 'a loopback'],
    ['2002:a9fe:a9fe::1', 'a link-local'],
    ['2001:0:808:808::f5ff:fffe', 'a reserved'],
    ['4000::1', 'a reserved'],
    ['', 'a reserved'],
    ['localhost', 'a reserved'],
    ['127.1', 'a reserved'],
    ['0177.0.0.1', 'a reserved'],
    ['2130706433', 'a reserved'],
    ['8.8.8.8 ', 'a reserved'],
  ])('%s is %s address', (ip, kind) => {
    expect(specialKind(ip)).toBe(kind);
    expect(isPublicAddress(ip)).toBe(false);
  });
});
