/** ARCHITECTURE.md, CONTRIBUTING.md and the issue templates: what they name must exist. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPage } from '../helpers/docs/snippets.js';

const ROOT = join(__dirname, '../..');
const TEMPLATES = '.github/ISSUE_TEMPLATE';
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The paths that a page has in backticks; NAME and RUNTIME stand for those that a reader chooses. */
function pathsOf(page: string): string[] {
  const named = readPage(page).matchAll(
    /`((?:\.ci|bench|docs|examples|lib|scripts|soak|spec|vectors)\/[\w./-]*)`/g,
  );
  return Array.from(named, ([, path]) => path as string).filter((path) => !/NAME|RUNTIME/.test(path));
}

describe.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s', (page) => {
  it('should name files and folders that exist', () => {
    const paths = pathsOf(page);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('should name scripts that exist', () => {
    const named = Array.from(readPage(page).matchAll(/`npm run ([\w:]+)/g), ([, name]) => name as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  it('should name each layer of lib/', () => {
    const layers = readdirSync(join(ROOT, 'lib'), { withFileTypes: true }).filter((each) =>
      each.isDirectory(),
    );
    const page = readPage('ARCHITECTURE.md');
    expect(layers.map(({ name }) => `lib/${name}`).filter((layer) => !page.includes(layer))).toEqual([]);
  });

  it('should name members of the classes that have them', () => {
    const source = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
    const exchange = source('lib/operators/exchange/exchange.ts');
    for (const member of ['requestFailed', 'handlerFailed', 'fail', 'error'])
      expect(exchange).toMatch(new RegExp(`^ {2}(?:private |protected |override )*${member}\\(`, 'm'));
    const sink = source('lib/core/request/request-parser.ts');
    for (const member of ['requestHeaders', 'requestBody', 'requestEnd'])
      expect(sink).toContain(`  ${member}(`);
  });
});

describe(TEMPLATES, () => {
  it('should ask for what the command has', () => {
    const template = readFileSync(join(ROOT, TEMPLATES, 'bug_report.yml'), 'utf8');
    const commands = Array.from(template.matchAll(/`rxscgi (\w+)/g), ([, name]) => name as string);
    expect(commands).toEqual(['dev', 'config']);
    const page = readPage('docs/reference/command-line.md');
    expect(commands.filter((command) => !new RegExp(`rxscgi ${command}\\b`).test(page))).toEqual([]);
  });
});
