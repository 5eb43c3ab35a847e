/** Type-checks the TypeScript of each documentation page, and follows the links between the pages. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPage, snippetsOf, typeErrorsOf } from '../helpers/snippets.js';

const ROOT = join(__dirname, '../..');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = Array.from(page.matchAll(/^#+ (.+)$/gm), ([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Whether a link of a page leads to a file of the project, and to one of its headings. */
function isDead(page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(readPage(target)).has(anchor);
}

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

describe.each(PAGES)('%s', (path) => {
  it('should link to what exists', () => {
    const links = Array.from(readPage(path).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
    expect(links.filter((link) => isDead(path, link))).toEqual([]);
  });
});
