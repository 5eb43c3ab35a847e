/** Type-checks the TypeScript of each documentation page. spec/package/contents.spec.ts follows the links of the pages. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPage, snippetsOf, typeErrorsOf } from '../helpers/docs/snippets.js';

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
