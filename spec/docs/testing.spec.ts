/** Runs the test of docs/reference/testing.md. */
import * as rxjs from 'rxjs';
import * as rxjsTesting from 'rxjs/testing';
import * as rxscgi from '../../lib/index.js';
import * as testing from '../../lib/testing/index.js';
import { readPage, runSnippet, snippetsOf } from '../helpers/docs/snippets.js';

const modules = { rxjs, 'rxjs/testing': rxjsTesting, rxscgi, 'rxscgi/testing': testing };
const snippets = snippetsOf(readPage('docs/reference/testing.md')).filter(
  ({ language }) => language === 'ts',
);

describe('docs/reference/testing.md', () => {
  const [snippet] = snippets;
  const names: string[] = [];
  const results: unknown[] = [];
  const it = (name: string, test: () => unknown): void => {
    names.push(name);
    results.push(test());
  };

  test('should show tests that pass', async () => {
    for (const each of snippets) runSnippet(each, modules, { it, expect });
    await Promise.all(results);
    expect(names).toEqual([
      'should answer after half a second',
      'should add one to a number, and refuse anything else',
      'should send what waits, and end when the server drains',
    ]);
  });

  test('should show a test that fails when the handler does something else', () => {
    const wrong = { ...snippet!, code: snippet!.code.replace('timer(500)', 'timer(501)') };
    expect(() => runSnippet(wrong, modules, { it, expect })).toThrow('  actual:   501ms (a|)');
  });

  test('should show the message of a failure', () => {
    const wrong = {
      ...snippet!,
      code: snippet!.code.replace('timer(500)', 'timer(501)').replace("'/you'", "'/me'"),
    };
    const message = /```text\n([^`]*)\n```/.exec(readPage('docs/reference/testing.md'))?.[1];
    expect(() => runSnippet(wrong, modules, { it, expect })).toThrow(message);
  });

  test('should name every export of rxscgi/testing', () => {
    const page = readPage('docs/reference/testing.md');
    expect(Object.keys(testing).filter((name) => !page.includes(`\`${name}(`))).toEqual([]);
  });
});
