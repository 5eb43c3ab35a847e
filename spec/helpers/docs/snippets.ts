/** Finds, type-checks and runs the code of Markdown pages. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as ts from 'typescript';

const ROOT = join(__dirname, '../../..');

/** What a page's imports mean. */
const ENTRIES: Readonly<Record<string, string>> = {
  rxscgi: 'lib/index.ts',
  'rxscgi/bun': 'lib/bun/index.ts',
  'rxscgi/core': 'lib/core/index.ts',
  'rxscgi/node': 'lib/node/index.ts',
  'rxscgi/testing': 'lib/testing/index.ts',
};

/** A fenced block of code. */
export interface Snippet {
  readonly language: string;
  readonly code: string;
  /** The page that it is on, as errors name it. */
  readonly page?: string;
  /** The line of the page at which its code begins, from 1. */
  readonly line: number;
}

/** A page of the project. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The fenced blocks of a page that name a language. */
export function snippetsOf(page: string): Snippet[] {
  return Array.from(page.matchAll(/^```([a-z]+)\n(.*?)^```$/gms), (match) => ({
    language: match[1] as string,
    code: match[2] as string,
    line: page.slice(0, match.index).split('\n').length + 1,
  }));
}

/** Compiles TypeScript snippets, each a module, under the project's own options. @returns the errors. */
export function typeErrorsOf(snippets: readonly Snippet[]): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => undefined,
    },
  );
  const options: ts.CompilerOptions = { ...config?.options, noUnusedLocals: false };
  const files = new Map(snippets.map((snippet, index) => [join(ROOT, `snippet-${index}.mts`), snippet]));
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...rest) => {
    const snippet = files.get(name);
    return snippet ? ts.createSourceFile(name, snippet.code, version) : readSource(name, version, ...rest);
  };
  host.resolveModuleNameLiterals = (literals, from, redirected, settings, file) =>
    literals.map((literal) => {
      const entry = ENTRIES[literal.text];
      if (entry) return { resolvedModule: { resolvedFileName: join(ROOT, entry), extension: '.ts' } };
      const mode = ts.getModeForUsageLocation(file, literal, settings);
      return ts.resolveModuleName(literal.text, from, settings, host, undefined, redirected, mode);
    });
  const program = ts.createProgram([...files.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file && files.has(file.fileName))
    .map(({ file, start = 0, messageText }) => {
      const { line } = ts.getLineAndCharacterOfPosition(file as ts.SourceFile, start);
      const { page = '', line: first } = files.get((file as ts.SourceFile).fileName) as Snippet;
      return `${page}:${first + line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
}

/**
 * Runs a snippet of TypeScript or JavaScript as a CommonJS module.
 *
 * @param modules - what it imports.
 * @param globals - what it finds beside that.
 * @returns what it exports.
 */
export function runSnippet(
  { code }: Snippet,
  modules: Readonly<Record<string, unknown>>,
  globals: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  const required = (name: string): unknown => {
    if (name in modules) return modules[name];
    throw new Error(`the snippet imports ${name}`);
  };
  const exported = {};
  const run = compileFunction(outputText, ['require', 'exports', ...Object.keys(globals)], {
    filename: join(dirname(ROOT), 'snippet.js'),
  }) as (...values: unknown[]) => void;
  run(required, exported, ...Object.values(globals));
  return exported;
}
