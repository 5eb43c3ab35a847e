/** scripts/release.mjs, in a repository of its own, with an npm that only notes what it is asked for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describeWith } from '../helpers/describe-with.js';

const SCRIPT = join(__dirname, '../../scripts/release.mjs');

/** Notes that it ran. */
const GATE = `#!/bin/sh
echo gate >>"$NPM_LOG"
[ "$FAILING" != gate ]
`;
/** Notes its arguments, fails when they are those of FAILING, and sets the version as npm does. */
const NPM = `#!/bin/sh
echo "$*" >>"$NPM_LOG"
[ "$*" = "$FAILING" ] && exit 1
[ "$1" = version ] && sed -i 's/"version": ".*"/"version": "'"$2"'"/' package.json package-lock.json
exit 0
`;
const CHANGELOG = `# Changelog

## Unreleased: 0.1.0

### The engine

- Something.

## 0.0.9 (2026-01-01)

- Older.
`;

describeWith(['git'], 'scripts/release.mjs', () => {
  let folder: string;
  let repository: string;
  const log = (): string[] =>
    existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') : [];
  const read = (name: string): string => readFileSync(join(repository, name), 'utf8');
  const write = (name: string, text: string): void => writeFileSync(join(repository, name), text);
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repository, encoding: 'utf8', env: environment() }).trim();

  function environment(failing = ''): NodeJS.ProcessEnv {
    const identity = {
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
    };
    return {
      PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
      HOME: folder,
      NPM_LOG: join(folder, 'log'),
      FAILING: failing,
      ...identity,
    };
  }

  function release(version: string, failing?: string): { status: number | null; stderr: string } {
    const options = { cwd: repository, encoding: 'utf8', env: environment(failing) } as const;
    return spawnSync(process.execPath, [SCRIPT, version], options);
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
    repository = join(folder, 'repository');
    mkdirSync(join(folder, 'bin'));
    mkdirSync(repository);
    writeFileSync(join(folder, 'bin/npm'), NPM);
    chmodSync(join(folder, 'bin/npm'), 0o755);
    write('CHANGELOG.md', CHANGELOG);
    mkdirSync(join(repository, '.ci'));
    write('.ci/run', GATE);
    chmodSync(join(repository, '.ci/run'), 0o755);
    for (const name of ['package.json', 'package-lock.json']) write(name, '{\n  "version": "0.1.0"\n}\n');
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '-m', 'a');
    git('tag', 'v0.0.9');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Nothing of a release is left. */
  function expectUntouched(): void {
    expect([git('status', '--porcelain'), git('tag'), git('log', '--format=%s')]).toEqual([
      '',
      'v0.0.9',
      'a',
    ]);
  }

  it('should check, date the changelog, set the version, try the publication, commit and tag', () => {
    const { status, stderr } = release('0.2.0');
    expect([status, stderr]).toEqual([0, '']);
    expect(log()).toEqual([
      'gate',
      'version 0.2.0 --no-git-tag-version --allow-same-version',
      'publish --provenance --dry-run',
    ]);
    const date = new Date().toISOString().slice(0, 10);
    expect(read('CHANGELOG.md')).toBe(
      CHANGELOG.replace('## Unreleased: 0.1.0', `## Unreleased\n\n## 0.2.0 (${date})`),
    );
    expect(read('package.json')).toContain('"version": "0.2.0"');
    expect([git('status', '--porcelain'), git('log', '-1', '--format=%s'), git('tag')]).toEqual([
      '',
      'chore: release 0.2.0',
      'v0.0.9\nv0.2.0',
    ]);
    // The next one has nothing to release yet.
    expect(release('0.3.0').stderr).toContain('Unreleased');
  });

  it.each(['', 'v1.2.3', '01.2.3', '0.0.8'])(
    'should refuse the version %j before it runs anything',
    (version) => {
      expect(release(version).status).toBe(1);
      expect(log()).toEqual([]);
      expectUntouched();
    },
  );

  it('should refuse a tree with changes, and with new files', () => {
    write('new', '');
    expect(release('0.2.0').status).toBe(1);
    rmSync(join(repository, 'new'));
    write('package.json', '{}');
    expect(release('0.2.0').status).toBe(1);
    expect(log()).toEqual([]);
    expect(read('package.json')).toBe('{}');
  });

  it.each([
    ['no heading', '# Changelog\n'],
    ['nothing under it', '## Unreleased\n\n## 0.0.9\n\n- Older.\n'],
    ['only headings under it', '## Unreleased\n\n### The engine\n\n## 0.0.9\n\n- Older.\n'],
  ])('should refuse a changelog with %s', (_what, changelog) => {
    write('CHANGELOG.md', changelog);
    git('commit', '--quiet', '--all', '--amend', '-m', 'a');
    expect(release('0.2.0').status).toBe(1);
    expect(log()).toEqual([]);
    expectUntouched();
  });

  it.each(['gate', 'publish --provenance --dry-run'])(
    'should leave everything as it was when %s fails',
    (failing) => {
      expect(release('0.2.0', failing).status).toBe(1);
      expect(log().at(-1)).toBe(failing);
      expectUntouched();
      expect(read('package.json')).toContain('"version": "0.1.0"');
    },
  );
});
