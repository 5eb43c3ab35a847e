/**
 * Writes docs/reference/api: a page for each export, made by TypeDoc from the docblocks, with their marble diagrams as SVG.
 * `--check` writes nothing, and fails when a page is stale or an export is undocumented.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { altOf, drawMarble, isMarble } from './marble.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TARGET = join(ROOT, 'docs/reference/api');
const ENTRIES = ['index', 'core/index', 'node/index', 'bun/index', 'testing/index'];
/** What is said one level above: discriminants, and the fields of an event that has a comment. */
const SELF_EXPLANATORY = [
  'rxscgi.RequestEvent.__type.type',
  'rxscgi.ResponseEvent.__type.type',
  'rxscgi/core.ResponseHeadersEvent.type',
  'rxscgi/core.IncomingResponseEvent.__type.type',
  'rxscgi/core.RequestWriterEvent.__type.type',
  'rxscgi/node.ServerEvent.__type.type',
  'rxscgi/node.GatewayEvent.__type.type',
  ...[
    'type',
    'bytes',
    'text',
    'paused',
    'causes',
    'variables',
    'contentLength',
    'state',
    'by',
    'status',
    'headers',
  ]
    .concat('how', 'where', 'message')
    .map((name) => `rxscgi/node.InspectEvent.__type.${name}`),
];
/** What exported types mention, and TypeDoc shows in place. */
const SHOWN_IN_PLACE = [
  'LIMIT_STATUS',
  'PROTOCOL_STATUS',
  'USAGE_STATUS',
  'RequestTargetOption',
  'ReaderEvent',
  'WhenGatewayEnds',
  'HttpRequest',
  'BodyReader',
  'InspectObserver',
  'InspectedPart',
];

/** Generates the pages. @returns their text by path, below TARGET. */
async function generate() {
  const out = mkdtempSync(join(tmpdir(), 'rxscgi-api-'));
  try {
    const app = await Application.bootstrapWithPlugins({
      plugin: ['typedoc-plugin-markdown'],
      entryPoints: ENTRIES.map((entry) => join(ROOT, `lib/${entry}.ts`)),
      tsconfig: join(ROOT, 'lib/tsconfig.json'),
      basePath: ROOT,
      out,
      // TypeDoc would empty the folder first, whichever that is.
      cleanOutputDir: false,
      name: 'API',
      readme: 'none',
      router: 'member',
      // Paths and line numbers would change with every commit.
      disableSources: true,
      excludeInternal: true,
      excludePrivate: true,
      excludeExternals: true,
      validation: { notDocumented: true, notExported: true, invalidLink: true },
      requiredToBeDocumented: [
        ...['Class', 'Interface', 'Function', 'TypeAlias', 'Variable'],
        ...['Method', 'CallSignature', 'Property', 'Accessor'],
      ],
      intentionallyNotDocumented: SELF_EXPLANATORY,
      intentionallyNotExported: SHOWN_IN_PLACE,
      treatValidationWarningsAsErrors: true,
      logLevel: 'Warn',
      entryFileName: 'README',
      hidePageHeader: true,
      hideBreadcrumbs: true,
      useCodeBlocks: true,
      expandObjects: true,
      expandParameters: true,
      indexFormat: 'table',
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      classPropertiesFormat: 'table',
      typeAliasPropertiesFormat: 'table',
      propertyMembersFormat: 'table',
      typeDeclarationFormat: 'table',
      tableColumnSettings: {
        hideModifiers: true,
        hideOverrides: true,
        hideInherited: true,
        hideDefaults: true,
      },
      pageTitleTemplates: { index: 'API', member: '{name}', module: '{name}' },
    });
    app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
      for (const reflection of Object.values(project.reflections)) markExamples(reflection.comment);
    });
    const project = await app.convert();
    if (!project) throw new Error('the library does not compile');
    app.validate(project);
    if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('the docblocks are incomplete');
    await app.generateOutputs(project);
    const exported = project.getReflectionsByKind(ReflectionKind.Class | ReflectionKind.Function);
    const lacking = exported.filter(({ comment, signatures }) => {
      const { blockTags = [] } = comment ?? signatures?.[0]?.comment ?? {};
      return !blockTags.some(({ tag }) => tag === '@example');
    });
    // An abstract class that others extend has nothing to show.
    const names = lacking.map(({ name }) => name).filter((name) => name !== 'PullReader');
    if (names.length > 0) throw new Error(`without an @example: ${names.join(', ')}`);
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.md'),
    );
    return new Map(files.flatMap((name) => finish(name, readFileSync(join(out, name), 'utf8'))));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Signatures and examples are both TypeScript, but only examples can be compiled: they get a language of their own meanwhile. */
function markExamples(comment) {
  for (const tag of comment?.blockTags ?? [])
    for (const part of tag.content)
      if (part.kind === 'code') part.text = part.text.replace(/^```ts$/m, '```example');
}

/** Finishes a page of the plugin. @returns it, and the diagrams on it. */
function finish(name, markdown) {
  const folder = posix.dirname(name);
  const to = (path) => posix.relative(folder, path);
  const diagrams = [];
  const replaceBlock = (block) => {
    const text = block.replace(/^ {4}/gm, '').trimEnd();
    if (!isMarble(text)) return `\`\`\`typescript\n${text}\n\`\`\`\n`;
    const number = diagrams.length === 0 ? '' : `-${diagrams.length + 1}`;
    const entry = posix.dirname(folder).replaceAll('/', '-');
    const path = `marbles/${entry}-${posix.basename(name, '.md')}${number}.svg`;
    diagrams.push([path, `${drawMarble(text)}\n`]);
    // Brackets would end the text.
    return `![${altOf(text).replace(/[[\]]/g, '')}](${to(path)})\n`;
  };
  const text = markdown
    .split(/(^```.*?^```$)/gms)
    .map((part) =>
      part.startsWith('```') ? finishCode(part) : part.replace(/(?<=\n\n)(?: {4}.*\n)+/g, replaceBlock),
    )
    .join('')
    // Now with the blocks that have become code, in which a link would be text.
    .split(/(^```.*?^```$)/gms)
    .map((part) => (part.startsWith('```') ? part : finishProse(part, to)))
    .join('')
    .trimEnd();
  return [[name, `${text}\n`], ...diagrams];
}

function finishCode(block) {
  return block
    .replace(/^```ts$/m, '```typescript')
    .replace(/^```example$/m, '```ts')
    .replaceAll('<ArrayBufferLike>', '')
    .replace(/ +$/gm, '');
}

/** Makes links of error codes and pages, and gives error notifications their heading, and several `@throws` one heading. */
function finishProse(text, to) {
  const errors = to('../errors.md');
  return text
    .replace(
      /^Error notifications: (.)/gm,
      (_, first) => `\n## Error notifications\n\n${first.toUpperCase()}`,
    )
    .replace(/(?:\\\| )?`"ERR_SCGI_\w+"`(?: \\\| `"ERR_SCGI_\w+"`){3,}/g, (union) => codesOf(union, to))
    .replace(
      /(?<![`"'[_\w])ERR_SCGI_[A-Z_]+\b(?![`"'\]])/g,
      (code) => `[${code}](${errors}#${code.toLowerCase()})`,
    )
    .replace(
      /(?<!\[)`?\bdocs\/reference\/(\w[\w-]*)\.md`?/g,
      (_, page) => `[${page}](${to(`../${page}.md`)})`,
    )
    .replace(/(?<=^(#+) Throws\n\n(?:(?!#).*\n)*)\1 Throws\n\n/gm, '')
    .replace(/^(#+) Type Literal$/gm, '$1 Variant')
    .replaceAll('\\<`ArrayBufferLike`\\>', '');
}

/** The type that a union of codes is. */
function codesOf(union, to) {
  const kinds = [
    union.includes('ERR_SCGI_NETSTRING_LENGTH') ? 'Protocol' : '',
    union.includes('ERR_SCGI_HEADERS_TOO_LARGE') ? 'Limit' : '',
    union.includes('ERR_SCGI_BODY_USED') ? 'Usage' : '',
  ].filter(Boolean);
  const type = `Scgi${kinds.length === 1 ? kinds[0] : ''}ErrorCode`;
  return `[\`${type}\`](${to(`rxscgi/type-aliases/${type}.md`)})`;
}

const pages = await generate();
if (process.argv.includes('--check')) {
  const present = new Set(
    readdirSync(TARGET, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(md|svg)$/.test(name)),
  );
  const stale = [...pages]
    .filter(([name, text]) => !present.has(name) || readFileSync(join(TARGET, name), 'utf8') !== text)
    .map(([name]) => name);
  const left = [...present].filter((name) => !pages.has(name));
  for (const name of [...stale, ...left]) console.error(`stale: docs/reference/api/${name}`);
  if (stale.length + left.length > 0) {
    console.error('Run `npm run --prefix docs/site api`, and commit what it writes.');
    process.exitCode = 1;
  } else console.log(`docs/reference/api is current: ${pages.size} files`);
} else {
  rmSync(TARGET, { recursive: true, force: true });
  for (const [name, text] of pages) {
    mkdirSync(dirname(join(TARGET, name)), { recursive: true });
    writeFileSync(join(TARGET, name), text);
  }
  console.log(`docs/reference/api: ${pages.size} files`);
}
