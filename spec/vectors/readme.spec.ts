/** The runner in vectors/README.md: runs as it stands there, with an independent reader in Python. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../helpers/describe-with.js';

const VECTORS = join(__dirname, '../../vectors');
const README = readFileSync(join(VECTORS, 'README.md'), 'utf8');
const [, runner = ''] = /```python\n([^]*?)```/.exec(README) ?? [];

describeWith(['python3'], 'the runner of vectors/README.md', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
    writeFileSync(join(folder, 'run.py'), runner);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(): { status: number | null; lines: string[] } {
    const { status, stdout, stderr } = spawnSync('python3', ['-B', join(folder, 'run.py'), VECTORS], {
      encoding: 'utf8',
    });
    return { status, lines: (stdout + stderr).split('\n').filter((line) => line !== '') };
  }

  it('should find nothing wrong with a reader that shares no code with ours', () => {
    copyFileSync(join(__dirname, 'your_scgi.py'), join(folder, 'your_scgi.py'));
    expect(run()).toEqual({ status: 0, lines: [] });
  });

  it('should name what a wrong reader gets wrong', () => {
    writeFileSync(join(folder, 'your_scgi.py'), 'def read(data):\n    raise ValueError("all")\n');
    const { status, lines } = run();
    expect(status).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^FAILED: the example of the specification - /));
  });
});
