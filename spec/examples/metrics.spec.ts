/** Runs examples/metrics: the metrics that Prometheus reads, from a program and from the command. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { requestBytes, responseOf, textOf } from '../../lib/testing/index.js';
import { Command, linesOf, useBuiltCommand } from '../helpers/command/command.js';
import { exchange } from '../helpers/sockets/exchange.js';
import { Log } from '../helpers/sockets/log.js';
import { TestGateway, afterwards, cleanUpSockets } from '../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const EXAMPLE = join(__dirname, '../../examples/metrics');

/** The samples of a scrape, by name and labels as they are written. */
async function scrape(address: string): Promise<Map<string, number>> {
  const gateway = await TestGateway.connect(address);
  gateway.write(requestBytes({ uri: '/metrics' }));
  const { status, headers, body } = responseOf(Buffer.from(await gateway.response(), 'latin1'));
  gateway.end();
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = textOf(body)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) as unknown as [string, string, string];
      return [name.replace(/,?worker="\d+"/, '').replace('{}', ''), Number(value)];
    }),
  );
}

/** Scrapes until a sample has a value: the server emits the event of an exchange after its end. */
async function scrapeOnce(address: string, name: string, value: number): Promise<Map<string, number>> {
  for (;;) {
    const samples = await scrape(address);
    if (samples.get(name) === value) return samples;
    expect(samples.get(name) ?? 0).toBeLessThan(value);
  }
}

async function startProgram(): Promise<string> {
  const child = spawn(process.execPath, [join(EXAMPLE, 'server.mjs'), '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterwards(() => child.kill('SIGKILL'));
  return new Log(linesOf(child.stdout)).value(() => true);
}

function startCommand(): Promise<string> {
  return new Command(['serve', 'handler.mjs', '--listen', '127.0.0.1:0'], { cwd: EXAMPLE }).address();
}

describe.each([
  ['server.mjs', startProgram],
  ['rxscgi serve handler.mjs', startCommand],
])('the metrics of %s', (_what, start) => {
  it('should count responses by method and status, and unusual methods together', async () => {
    const address = await start();
    for (let count = 0; count < 3; count++)
      expect(await exchange(address, { uri: '/x' })).toBe('200 Hello, /x\n');
    await exchange(address, { method: 'POST', body: 'abc' });
    await exchange(address, { method: 'BREW' });
    await exchange(address, { method: 'WHEN' });
    const samples = await scrapeOnce(address, 'scgi_responses_total{method="other",status="200"}', 2);
    expect(samples.get('scgi_responses_total{method="POST",status="200"}')).toBe(1);
    // Includes the scrapes.
    expect(samples.get('scgi_responses_total{method="GET",status="200"}')).toBeGreaterThanOrEqual(3);
    expect(samples.get('scgi_response_duration_seconds_count')).toBeGreaterThanOrEqual(6);
    expect(samples.get('scgi_response_duration_seconds_bucket{le="+Inf"}')).toBe(
      samples.get('scgi_response_duration_seconds_count'),
    );
    expect(samples.get('scgi_received_bytes_total')).toBeGreaterThan(6 * 50);
    expect(samples.get('scgi_sent_bytes_total')).toBeGreaterThan(6 * 20);
    // The scrape itself.
    expect(samples.get('scgi_requests_in_progress')).toBe(1);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('should count failures by code', async () => {
    const address = await start();
    expect(await exchange(address, { variables: { SCGI: '2' } })).toBe('400 Bad Request\n');
    const samples = await scrapeOnce(address, 'scgi_failures_total{code="ERR_SCGI_VERSION_UNSUPPORTED"}', 1);
    expect(samples.get('scgi_responses_total{method="none",status="400"}')).toBe(1);
  });

  it('should not count a finished exchange as under way', async () => {
    const address = await start();
    const gateway = await TestGateway.connect(address);
    gateway.write(requestBytes({ method: 'POST', body: 'all of it' }).subarray(0, -5));
    await gateway.received((text) => text.includes('Hello'));
    gateway.end();
    const samples = await scrapeOnce(address, 'scgi_responses_total{method="POST",status="200"}', 1);
    expect(samples.get('scgi_requests_in_progress')).toBe(1);
  });
});
