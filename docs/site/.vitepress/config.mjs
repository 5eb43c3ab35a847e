/** The site: the pages of the repository as they are. Links to pages stay links; files that are no pages are named. */
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { PAGE_STYLE, drawMarble, isMarble } from '../marble.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Pages beside those below docs/, where they exist. */
const OTHERS = [
  'README.md',
  'BENCHMARKS.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'vectors/README.md',
];
/** Copies of the pages: their imports of Vue are resolved from where they are. */
const COPIES = fileURLToPath(new URL('cache/pages', import.meta.url));

const pagesBelow = (folder) =>
  (existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    : []
  )
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .filter((name) => !name.startsWith('docs/site/'))
    .sort(byName);
const byName = (a, b) => (a < b ? -1 : 1);
const read = (page) => readFileSync(join(ROOT, page), 'utf8');
const titleOf = (page) =>
  /^# (.+)$/m
    .exec(read(page))[1]
    .replace(/\\?[<`].*?[>`]|\(\)/g, (text) => (text === '()' ? text : text.replace(/[`\\<>]/g, '')));
const linkOf = (page) => `/${page.replace(/(README)?\.md$/, '')}`;
const item = (page) => ({ text: titleOf(page), link: linkOf(page) });

const inFolder = (folder) =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder))
        .filter((name) => name.endsWith('.md') && name !== 'README.md')
        .sort(byName)
        .map((name) => item(`${folder}/${name}`))
    : [];

const API = 'docs/reference/api';
/** One group for each entry of the package, with its exports in the order of the alphabet. */
const apiOf = (entry) => ({
  text: entry,
  link: `/${API}/${entry}/`,
  collapsed: true,
  items: ['functions', 'classes', 'variables', 'interfaces', 'type-aliases']
    .filter((kind) => existsSync(join(ROOT, API, entry, kind)))
    .flatMap((kind) => inFolder(`${API}/${entry}/${kind}`)),
});
const entries = ['rxscgi', 'rxscgi/node', 'rxscgi/bun', 'rxscgi/core', 'rxscgi/testing'];

const group = (text, folder, items) => ({
  text,
  ...(existsSync(join(ROOT, folder, 'README.md')) && { link: `/${folder}/` }),
  items: [...inFolder(folder), ...items],
});
const others = (...pages) => pages.filter((page) => existsSync(join(ROOT, page))).map(item);

const pages = new Set([...OTHERS.filter((page) => existsSync(join(ROOT, page))), ...pagesBelow('docs')]);

const dead = [];

rmSync(COPIES, { recursive: true, force: true });
for (const page of pages) cpSync(join(ROOT, page), join(COPIES, page));
if (existsSync(join(ROOT, 'docs/images')))
  cpSync(join(ROOT, 'docs/images'), join(COPIES, 'docs/images'), { recursive: true });

/** Makes a link of the repository one of the site. @returns undefined for a file that is no page, or is not there. */
function siteLink(href, page) {
  if (/^([a-z][a-z+.-]*:|#)/.test(href)) return href;
  const [path, anchor] = href.split('#');
  const target = resolve(ROOT, dirname(page), decodeURI(path));
  if (!existsSync(target)) {
    dead.push(`${page}: ${href} does not exist`);
    return undefined;
  }
  const inside = statSync(target).isDirectory() ? join(target, 'README.md') : target;
  const name = relative(ROOT, inside);
  if (!pages.has(name)) return undefined;
  if (anchor && !anchorsOf(name).has(anchor)) dead.push(`${page}: ${href} has no such heading`);
  return linkOf(name) + (anchor ? `#${anchor}` : '');
}

/** The anchors of a page, as GitHub makes them. */
function anchorsOf(page) {
  const text = read(page);
  const headings = Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) => slug(heading));
  return new Set([...headings, ...Array.from(text.matchAll(/<a id="([^"]+)"/g), ([, id]) => id)]);
}

const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

function configureMarkdown(md) {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    for (const { children } of tokens) {
      const open = [];
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = siteLink(
            token.attrGet('href'),
            env.relativePath.replace(/(^|\/)index\.md$/, '$1README.md'),
          );
          open.push(href);
          if (href === undefined) [token.tag, token.attrs] = ['span', null];
          else token.attrSet('href', href);
        } else if (token.type === 'link_close' && open.pop() === undefined) token.tag = 'span';
        else if (token.type === 'image' && token.attrGet('src').endsWith('.svg')) inlineMarble(token, env);
      }
    }
  });
  const { fence, code_block: block } = md.renderer.rules;
  const draw =
    (otherwise) =>
    (tokens, at, ...rest) => {
      const { content, info } = tokens[at];
      return /^(text|marble|)$/.test(info) && isMarble(content) && content.split('\n').length < 14
        ? `<p>${drawMarble(content, false)}</p>`
        : otherwise(tokens, at, ...rest);
    };
  md.renderer.rules.fence = draw(fence);
  if (block) md.renderer.rules.code_block = draw(block);
}

/** A diagram becomes part of the page: then it follows the page's theme, and its text can be searched. */
function inlineMarble(token, env) {
  const page = env.relativePath.replace(/(^|\/)index\.md$/, '$1README.md');
  const file = resolve(ROOT, dirname(page), token.attrGet('src'));
  if (!file.includes('/marbles/')) return;
  token.type = 'html_inline';
  token.content = readFileSync(file, 'utf8')
    .replace(/<style>.*<\/style>\n/, '')
    .replaceAll('\n', '');
  token.children = null;
}

/** A marble on its line. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M0 8h16" stroke="#6e7781" stroke-width="2"/><circle cx="8" cy="8" r="5" fill="#b6e3ff" stroke="#0969da" stroke-width="2"/></svg>';

export default defineConfig({
  title: 'rxscgi',
  description: 'SCGI as RxJS operators.',
  srcDir: COPIES,
  outDir: fileURLToPath(new URL('dist', import.meta.url)),
  cacheDir: fileURLToPath(new URL('cache', import.meta.url)),
  rewrites: Object.fromEntries(
    [...pages]
      .filter((page) => /(^|\/)README\.md$/.test(page))
      .map((page) => [page, page.replace(/README\.md$/, 'index.md')]),
  ),
  cleanUrls: true,
  head: [
    ['style', {}, PAGE_STYLE],
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }],
  ],
  markdown: {
    languageAlias: { lighttpd: 'nginx', haproxy: 'ini', marble: 'ini' },
    config: configureMarkdown,
    anchor: { slugify: slug },
    headers: { slugify: slug },
  },
  buildEnd() {
    if (dead.length > 0) throw new Error(`dead links:\n${[...new Set(dead)].sort().join('\n')}`);
  },
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      {
        text: 'Guide',
        link: linkOf(pagesBelow('docs/guide')[0] ?? 'README.md'),
        activeMatch: '/docs/guide/',
      },
      { text: 'Recipes', link: '/docs/recipes/', activeMatch: '/docs/recipes/' },
      { text: 'API', link: `/${API}/`, activeMatch: `/${API}/` },
      { text: 'Reference', link: '/docs/reference/', activeMatch: '/docs/reference/(?!api)' },
      { text: 'Background', link: '/docs/background/', activeMatch: '/docs/background/' },
    ],
    sidebar: [
      group('Guide', 'docs/guide', []),
      group('Recipes', 'docs/recipes', []),
      group('Reference', 'docs/reference', [{ text: 'API', link: `/${API}/`, items: entries.map(apiOf) }]),
      group(
        'Background',
        'docs/background',
        others(
          'docs/decisions.md',
          'BENCHMARKS.md',
          'CHANGELOG.md',
          'ARCHITECTURE.md',
          'CONTRIBUTING.md',
          'vectors/README.md',
        ),
      ),
    ],
  },
});
