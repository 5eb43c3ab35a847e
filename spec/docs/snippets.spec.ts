/**
 * Type-checks the TypeScript of each documentation page, and parses its JavaScript, JSON and shell. docs/site/README.md says what runs which.
 * spec/package/contents.spec.ts follows the links of the pages.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { readPage, snippetsOf, typeErrorsOf, type Snippet } from '../helpers/docs/snippets.js';

const ROOT = join(__dirname, '../..');
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    // The packages that make the site have pages of their own.
    .filter((name) => name.endsWith('.md') && !name.startsWith('site/'))
    .map((name) => `docs/${name}`),
];

describe('the TypeScript of the documentation', () => {
  const wrong = {
    language: 'ts',
    page: 'wrong',
    line: 1,
    code: "import { serveScgi } from 'rxscgi/node';\nserveScgi(1);\n",
  };

  it('should compile', () => {
    const snippets = PAGES.flatMap((page) =>
      snippetsOf(readPage(page))
        .filter(({ language }) => language === 'ts')
        .map((snippet) => ({ ...snippet, page })),
    );
    expect(snippets.length).toBeGreaterThan(10);
    expect(typeErrorsOf([...snippets, wrong])).toEqual([
      expect.stringMatching(/^wrong:2: Expected 2 arguments/),
    ]);
  }, 120_000);
});

/** The blocks of all pages that are in one of the languages. */
function blocksIn(...languages: string[]): Snippet[] {
  return PAGES.flatMap((page) =>
    snippetsOf(readPage(page))
      .filter(({ language }) => languages.includes(language))
      .map((snippet) => ({ ...snippet, page })),
  );
}

const placesOf = (snippets: readonly Snippet[]) => snippets.map(({ page, line }) => `${page}:${line}`);

describe('the other code of the documentation', () => {
  it('should be JavaScript that parses', () => {
    const isWrong = ({ code }: Pick<Snippet, 'code'>) =>
      ts.transpileModule(code, { reportDiagnostics: true, fileName: 'snippet.mjs' }).diagnostics?.length !==
      0;
    expect(isWrong({ code: 'const = 1;' })).toBe(true);
    expect(placesOf(blocksIn('js', 'mjs').filter(isWrong))).toEqual([]);
  });

  it('should be JSON that parses', () => {
    const isWrong = ({ code }: Pick<Snippet, 'code'>) => {
      try {
        return JSON.parse(code) === undefined;
      } catch {
        return true;
      }
    };
    expect(isWrong({ code: '{,}' })).toBe(true);
    expect(placesOf(blocksIn('json').filter(isWrong))).toEqual([]);
  });

  it('should be shell commands that parse', () => {
    const blocks = [...blocksIn('sh', 'bash'), { language: 'sh', page: 'wrong', line: 1, code: 'if true' }];
    // The body of a function is parsed, and not run.
    const script = 'n=0; for block; do eval "f() { :\n$block\n}" 2>/dev/null || echo $n; n=$((n + 1)); done';
    const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...blocks.map(({ code }) => code)], {
      encoding: 'utf8',
    });
    const wrong = stdout.split('\n').filter(Boolean);
    expect(placesOf(wrong.map((index) => blocks[Number(index)] as Snippet))).toEqual(['wrong:1']);
  });
});
