import { serveOptionsOf } from '../../../lib/cli/commands/serve-options.js';
import { PROTOCOL_FLAGS } from '../../../lib/cli/flags/flags.js';

const optionsOf = (name: string, value: string) =>
  serveOptionsOf(
    { values: new Map([[name, [value]]]), positionals: [] },
    PROTOCOL_FLAGS,
    { listen: '127.0.0.1:0' },
    '',
  );

describe('serveOptionsOf', () => {
  it.each([
    ['request-target', 'routed', { requestTarget: 'routed' }],
    ['when-gateway-ends', 'cancel', { whenGatewayEnds: 'cancel' }],
    ['mount', '/app', { mount: '/app' }],
    ['trust-proxy', '2', { trustProxy: 2 }],
    ['trust-proxy', '10.0.0.0/8,::1', { trustProxy: ['10.0.0.0/8', '::1'] }],
  ])('should take --%s %s', (name, value, option) => {
    expect(optionsOf(name, value)).toMatchObject(option);
  });

  it.each([
    ['request-target', 'path', '--request-target must be'],
    ['when-gateway-ends', 'x', '--when-gateway-ends must be'],
    ['trust-proxy', 'localhost', '--trust-proxy must name addresses'],
    ['trust-proxy', '10.0.0.1,', '--trust-proxy must name addresses'],
    ['trust-proxy', '101', '--trust-proxy must be'],
  ])('should refuse --%s %s', (name, value, message) => {
    expect(() => optionsOf(name, value)).toThrow(message);
  });
});
