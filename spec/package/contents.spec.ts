/** What is in the package beside its code, and that its pages lead only to what is there too. */
import { posix } from 'node:path';
import { readPage } from '../helpers/docs/snippets.js';
import { ROOT } from '../helpers/command/build.js';
import { run } from './run.js';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

const [packed] = JSON.parse(run(ROOT, 'npm', 'pack', '--dry-run', '--json', '--ignore-scripts')) as [Packed];
const files = packed.files.map(({ path }) => path);
const pages = files.filter((path) => path.endsWith('.md'));

describe('the contents of the package', () => {
  it('should be the library and its documentation', () => {
    // Without dist, which another spec builds.
    const names = new Set(files.map((path) => path.split('/')[0]));
    names.delete('dist');
    const documents = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'docs'];
    expect([...names].sort()).toEqual([...documents, 'examples', 'lib', 'package.json', 'vectors']);
  });

  it('should have the examples without what they install', () => {
    expect(files).toContain('examples/rtorrent/package.json');
    expect(files.filter((path) => path.includes('node_modules'))).toEqual([]);
  });

  it('should have every page of docs', () => {
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'docs/background/web-servers.md', 'docs/reference/errors.md']),
    );
  });

  it.each(pages)('should have what %s links to', (page) => {
    expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });

  it('should have the pictures of README.md', () => {
    expect(linksOf('README.md').filter((link) => link.endsWith('.png'))).toHaveLength(2);
  });

  it('should notice a dead link', () => {
    const links = [
      'bench/main.mjs',
      'docs',
      'docs/none.md',
      'docs/background/web-servers.md#cut-responses',
      'LICENSE#none',
    ];
    const dead = ['bench/main.mjs', 'docs/none.md', 'LICENSE#none'];
    expect(links.filter((link) => !leadsSomewhere('README.md', link))).toEqual(dead);
  });
});

/** The links of a page that stay in the package. */
function linksOf(page: string): string[] {
  // Also the pictures, which are HTML where there is one for the dark.
  const links = Array.from(
    readPage(page).matchAll(/\]\(([^)\s]+)\)|<(?:img|source)\s[^>]*?\bsrc(?:set)?="([^"]+)"/g),
    ([, link, picture]) => link ?? (picture as string),
  );
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : posix.join(posix.dirname(page), path);
  if (!files.some((file) => file === target || file.startsWith(`${target}/`))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** The headings of a page, as GitHub and npm make anchors of them, and anchors of its own. */
function anchorsOf(page: string): string[] {
  const text = readPage(page);
  const headings = Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...Array.from(text.matchAll(/<a id="([^"]+)"/g), ([, id]) => id as string)];
}
