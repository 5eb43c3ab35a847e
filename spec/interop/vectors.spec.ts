/** What implementations that nobody here wrote make of the vectors: the tables of vectors/README.md. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startApplication, type Place } from '../helpers/applications/application.js';
import { describeWith } from '../helpers/describe-with.js';
import { apache } from '../helpers/peers/web-servers/apache.js';
import { call } from '../helpers/peers/clients/http-client.js';
import { lighttpd } from '../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../helpers/peers/web-servers/nginx.js';
import { ownGateway } from '../helpers/peers/web-servers/own-gateway.js';
import { rawExchange } from '../helpers/peers/clients/raw-exchange.js';
import { cleanUpSockets, listening } from '../helpers/sockets/sockets.js';
import { vectorsFor, type Vector } from '../helpers/wire/vectors.js';

cleanUpSockets();

const README = join(__dirname, '../../vectors/README.md');
const PROGRAMS = join(__dirname, '../helpers/applications/programs');
const PERL_MODULE = spawnSync('perl', ['-MSCGI', '-e', '1']).status === 0 ? 'perl' : "Perl's module SCGI";

/** What the buffer of an application is to contain: uWSGI finds the comma of a request that lacks it in what is left of the last one. */
const COMMAS = ','.repeat(4000);

/** What an implementation makes of a vector: as expected, or how it differs. */
const EQUAL = '=';
/** The body at the end of a local redirect. */
const REDIRECTED = 'redirected';
type Column = readonly [name: string, cells: readonly string[]];

const APPLICATIONS: readonly [name: string, program: string, argsOf: (place: Place) => readonly string[]][] =
  [
    ['libscgi-perl 0.6', 'perl', ({ address }) => [join(PROGRAMS, 'scgi_report.pl'), address]],
    [
      'uWSGI 2.0.21',
      'uwsgi',
      ({ folder, address }) => [
        ...['--plugins', 'python3', '--wsgi-file', join(PROGRAMS, 'wsgi_report.py'), '--need-app'],
        ...['--scgi-socket', address, '--disable-logging', '--die-on-term'],
        ...['--logto', join(folder, 'error.log')],
      ],
    ],
  ];

describeWith([PERL_MODULE, 'uwsgi'], 'the vectors in other applications', () => {
  it('should make of requests what vectors/README.md says', async () => {
    const vectors = withoutLimits(vectorsFor('request'));
    const columns: Column[] = [];
    for (const [name, program, argsOf] of APPLICATIONS) {
      const application = await startApplication(program, 'Unix', (place) => Promise.resolve(argsOf(place)));
      const cells: string[] = [];
      for (const { input, expect: expected } of vectors) {
        await rawExchange(application.target, COMMAS, { halfClose: true });
        const { text } = await rawExchange(application.target, input, { halfClose: true });
        cells.push(requestCell(text, expected));
      }
      await application.stop();
      columns.push([name, cells]);
    }
    expectTable('requests', vectors, columns);
  });
});

describeWith(['nginx', 'apache2', 'lighttpd'], 'the vectors behind other gateways', () => {
  it('should make of responses what vectors/README.md says', async () => {
    const vectors = withoutLimits(vectorsFor('response'));
    const address = await vectorApplication(vectors.map(({ input }) => input));
    const columns: Column[] = [];
    for (const peer of [ownGateway, nginx, apache, lighttpd]) {
      const gateway = await peer.start({ target: address, directives: peer.responseDirectives });
      const cells: string[] = [];
      for (const [index, vector] of vectors.entries()) {
        const method = vector.options?.requestMethod ?? 'GET';
        // A connection that ends before the head of a response is an error.
        const reply = await call(`${gateway.url}/${index}`, { method }).catch(() => undefined);
        cells.push(peer === apache && isAboutLength(vector) ? 'varies' : responseCell(reply, vector));
      }
      await gateway.stop();
      columns.push([peer.name, cells]);
    }
    expectTable('responses', vectors, columns);
    // Ours forwards whatever it reads, but for a status that HTTP does not have.
    const own = vectors.filter((_, row) => columns[0]?.[1][row] !== EQUAL);
    expect(own.map(({ name }) => name)).toEqual(['a status above 599']);
  });
});

/**
 * Starts an application that answers each request with the bytes of a vector, whatever they are: `/3` with the third one, and
 * `/elsewhere`, to which a local redirect leads, with `REDIRECTED`.
 */
async function vectorApplication(inputs: readonly Uint8Array[]): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    // A gateway that has read enough closes.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const uri = /\0REQUEST_URI\0\/(.*?)\0[^]*\0,/.exec(text)?.[1];
      if (uri === undefined) return;
      // After a redirect, Apache leaves the old path in REQUEST_URI.
      const isRedirected = text.includes('/elsewhere');
      socket.end(isRedirected ? `Content-Type: text/plain\n\n${REDIRECTED}` : inputs[Number(uri)]!);
    });
  });
  return listening(server);
}

/** Those of limits are about ours; of two that differ in our options alone, the first one is enough. */
function withoutLimits(vectors: readonly Vector[]): Vector[] {
  const order = ['valid', 'tolerated', 'refused'];
  const sorted = [...vectors].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const inputs = new Set<string>();
  return sorted.filter(({ basis, input, options }) => {
    const key = `${options?.requestMethod} ${input.toString('latin1')}`;
    if (basis === 'limit' || inputs.has(key)) return false;
    inputs.add(key);
    return true;
  });
}

/** @param text - the answer of one of the programs, which reports what it has read. */
function requestCell(text: string, { headers, body, error }: Vector['expect']): string {
  const [, length = '', rest = ''] = /\r\n\r\n([0-9]+):([^]*)$/.exec(text) ?? [];
  if (length === '') return error ? EQUAL : 'refuses';
  if (error) return 'reads';
  const parts = rest.slice(0, Number(length)).split('\0');
  const variables = new Map(
    parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ''] as const] : [])),
  );
  if (rest.slice(Number(length) + 1) !== body) return 'another body';
  const others = headers!.variables.filter(([name, value]) => variables.get(name) !== value);
  if (others.length === 0) return EQUAL;
  return others
    .map(([name]) => (variables.has(name) ? `${name}: ${variables.get(name)}` : `no ${name}`))
    .join(', ');
}

/** What Apache makes of lengths that are wrong depends on which bytes of the body are there in time. */
function isAboutLength({ verdict, input }: Vector): boolean {
  return verdict !== 'valid' && /content-length:/i.test(input.toString('latin1'));
}

function responseCell(reply: Awaited<ReturnType<typeof call>> | undefined, vector: Vector): string {
  const { error, head, body, end } = vector.expect;
  const isFailure = reply === undefined || !reply.complete || reply.status >= 500;
  if (error) return isFailure ? EQUAL : String(reply.status);
  if (reply === undefined) return 'closes';
  if (head?.localRedirect !== undefined && reply.text === REDIRECTED) return EQUAL;
  if (reply.status !== head?.status) return String(reply.status);
  if (!reply.complete) return 'cut';
  if (vector.options?.requestMethod !== 'HEAD' && reply.text !== body) return 'another body';
  // A gateway frames bodies itself.
  const fields = new Headers(head.fields as [string, string][]);
  if (end === 'eof' || reply.status === 204 || reply.status === 304) fields.delete('content-length');
  const others = [...new Set(fields.keys())].filter((name) => {
    const sent = name === 'set-cookie' ? fields.getSetCookie() : fields.get(name);
    return !isDeepStrictEqual(reply.headers[name], sent);
  });
  return others.length === 0 ? EQUAL : `other ${others.join(', ')}`;
}

/** Compares the table between two comments of the page; RXSCGI_WRITE_TABLES=1 writes it instead. */
function expectTable(name: string, vectors: readonly Vector[], columns: readonly Column[]): void {
  const rows = vectors.flatMap(({ name: vector, verdict, basis }, row) => {
    const cells = columns.map(([, each]) => each[row]!);
    if (cells.every((cell) => cell === EQUAL)) return [];
    return [[vector.replaceAll('_', '\\_'), `${verdict}, ${basis}`, ...cells]];
  });
  const head = ['vector', 'expected', ...columns.map(([column]) => column)];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const same = vectors.length - rows.length;
  const table = `\n${lines.join('\n')}\n\n${same} of ${vectors.length} vectors give what is expected everywhere.\n`;
  const page = readFileSync(README, 'utf8');
  const place = new RegExp(`(<!-- ${name} -->\n)([^]*?)<!-- end -->`);
  if (process.env.RXSCGI_WRITE_TABLES === '1') {
    writeFileSync(
      README,
      page.replace(place, (_all, start: string) => `${start}${table}\n<!-- end -->`),
    );
    return;
  }
  const [, , written = ''] = place.exec(page) ?? [];
  expect(plain(written)).toEqual(plain(table));
}

/** The lines of a table, however wide its columns are. */
function plain(table: string): string[] {
  const lines = table.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => line.replace(/-{3,}/g, '---').replace(/\\_/g, '_').replace(/\s+/g, ' '));
}
