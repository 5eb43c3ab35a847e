/** What a server loads of Node.js: each module of it takes time at the start, and memory that every full collection of garbage reads. */
import { ROOT, requireBuild } from '../helpers/command/build.js';
import { run } from './run.js';

const PRINT = `(port) => connect(port, '127.0.0.1').on('close', () => {
  console.log(process.moduleLoadList.map((name) => name.replace('NativeModule ', '')).join('\\n'));
  process.exit();
}).resume().end('24:CONTENT_LENGTH\\x000\\x00SCGI\\x001\\x00,')`;
const BARE = `const server = createServer((socket) => socket.end('Status: 200 OK\\r\\n\\r\\n'));
server.listen(0, '127.0.0.1', () => (${PRINT})(server.address().port));`;
const SERVED = `serveScgi(() => ({ status: 200 }), { listen: '127.0.0.1:0' }).subscribe((event) => {
  if (event.type === 'listening') (${PRINT})(Number(event.address.split(':')[1]));
});`;

const FORMATS = {
  ESM: { type: 'module', load: (names: string, from: string) => `import { ${names} } from '${from}';` },
  CJS: {
    type: 'commonjs',
    load: (names: string, from: string) => `const { ${names} } = require('${from}');`,
  },
};

describe('a server of rxscgi/node, when it has answered a request', () => {
  beforeAll(requireBuild);

  it.each(Object.entries(FORMATS))(
    'should have loaded the clock, and nothing else that a net.Server does without: %s',
    (_, { type, load }) => {
      // Sockets have files, and an `import` of node:fs loads more than `require` does.
      const common =
        load('connect, createServer', 'node:net') + load('unlinkSync', 'node:fs') + load('of', 'rxjs');
      const bare = builtInsOf(type, common + BARE);
      const served = builtInsOf(type, common + load('serveScgi', 'rxscgi/node') + SERVED);
      expect(bare).toContain('net');
      expect(served.filter((name) => !bare.includes(name))).toEqual(['perf_hooks']);
    },
  );
});

/** Without internal parts, which differ between versions. */
function builtInsOf(type: string, program: string): string[] {
  const printed = run(ROOT, process.execPath, `--input-type=${type}`, '--eval', program);
  return printed.split('\n').filter((name) => /^[a-z_0-9]+$/.test(name));
}
