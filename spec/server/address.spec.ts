import { formatAddress, parseAddress, parseTarget, type Address } from '../../lib/server/address.js';

const ADDRESSES: readonly { text: string; address: Address; shown?: string }[] = [
  { text: '127.0.0.1:4000', address: { kind: 'tcp', host: '127.0.0.1', port: 4000 } },
  { text: 'localhost:0', address: { kind: 'tcp', host: 'localhost', port: 0 } },
  { text: 'app.example:65535', address: { kind: 'tcp', host: 'app.example', port: 65_535 } },
  { text: '0.0.0.0:00080', address: { kind: 'tcp', host: '0.0.0.0', port: 80 }, shown: '0.0.0.0:80' },
  { text: '[::1]:4000', address: { kind: 'tcp', host: '::1', port: 4000 } },
  { text: '[::ffff:127.0.0.1]:1', address: { kind: 'tcp', host: '::ffff:127.0.0.1', port: 1 } },
  { text: '[fe80::1%eth0]:4000', address: { kind: 'tcp', host: 'fe80::1%eth0', port: 4000 } },
  { text: 'unix:/run/app.sock', address: { kind: 'unix', path: '/run/app.sock' } },
  { text: 'unix:app.sock', address: { kind: 'unix', path: 'app.sock' } },
  { text: 'unix:/run/a:b@c', address: { kind: 'unix', path: '/run/a:b@c' } },
  { text: 'unix:@app', address: { kind: 'abstract', name: 'app' } },
  { text: 'fd:3', address: { kind: 'fd', fd: 3 } },
  { text: 'fd:0', address: { kind: 'fd', fd: 0 } },
  { text: 'systemd', address: { kind: 'systemd', name: undefined } },
  { text: 'systemd:web', address: { kind: 'systemd', name: 'web' } },
  { text: 'scgi://[::1]:4000', address: { kind: 'tcp', host: '::1', port: 4000 }, shown: '[::1]:4000' },
  {
    text: 'scgi://localhost:4000/',
    address: { kind: 'tcp', host: 'localhost', port: 4000 },
    shown: 'localhost:4000',
  },
  {
    text: 'scgi:///run/app.sock',
    address: { kind: 'unix', path: '/run/app.sock' },
    shown: 'unix:/run/app.sock',
  },
];

describe('parseAddress', () => {
  it.each(ADDRESSES)('should read $text', ({ text, address }) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it.each([
    ...[
      '',
      '4000',
      ':4000',
      'localhost',
      'localhost:',
      'localhost:65536',
      'localhost:123456',
      'localhost:-1',
    ],
    ...[
      'localhost:4000x',
      'a b:4000',
      'user@localhost:4000',
      '::1:4000',
      '[::1]',
      '[::1',
      '[]:4000',
      '[g::]:4000',
    ],
    ...['unix:', 'unix:@', 'fd:', 'fd:x', 'fd:-1', 'fd:1234567', 'Systemd'],
    ...['scgi:///', 'scgi://', 'scgi://localhost', 'scgi://localhost:4000/path', 'http://localhost:4000'],
  ])('should refuse %j', (text) => {
    expect(() => parseAddress(text)).toThrow(TypeError);
  });

  it('should refuse the name of an abstract socket that does not fit into an address of the system', () => {
    const most = 'é'.repeat(53) + 'x';
    expect(parseAddress(`unix:@${most}`)).toEqual({ kind: 'abstract', name: most });
    expect(() => parseAddress(`unix:@${most}x`)).toThrow(/107 bytes at most, and this one 108/);
  });

  it('should say what an address is, and what it received', () => {
    expect(() => parseAddress('port 80')).toThrow(/"port 80".*127\.0\.0\.1:4000.*unix:\/run\/app\.sock/);
  });
});

describe('formatAddress', () => {
  it.each(ADDRESSES)('should show $text so that it can be read again', ({ text, address, shown = text }) => {
    expect(formatAddress(address)).toBe(shown);
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });
});

describe('parseTarget', () => {
  it.each([
    { text: '[::1]:4000', options: { host: '::1', port: 4000 } },
    { text: 'unix:/run/app.sock', options: { path: '/run/app.sock' } },
    { text: 'unix:@app', options: { path: '\0app' } },
  ])('should be what net.connect takes, for $text', ({ text, options }) => {
    expect(parseTarget(text)).toEqual(options);
  });

  it('should say where an application can be, which is no descriptor', () => {
    expect(() => parseTarget('nonsense')).toThrow(
      /^"nonsense" is not an address; (?!.*(?:fd:3|systemd)).*unix:@name$/,
    );
  });

  it.each(['fd:3', 'systemd'])('should refuse %s, which can only be listened on', (text) => {
    expect(() => parseTarget(text)).toThrow(TypeError);
  });
});
