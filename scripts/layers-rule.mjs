/**
 * An ESLint rule: which layer of lib/ may import what. Closed by default: a file outside of the layers, a
 * folder that is not named below, a package that is not listed are all reported.
 */
import { builtinModules } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

const RXJS = /^rxjs$/;
const NODE = /^node:/;

/** For each layer: the other layers of lib/ that it may import from, and the packages. */
const LAYERS = {
  core: { layers: [], packages: [] },
  operators: { layers: ['core'], packages: [RXJS] },
  adapters: { layers: ['operators', 'core'], packages: [RXJS] },
  // lib/index.ts
  index: { layers: ['adapters', 'operators', 'core'], packages: [RXJS] },
  testing: { layers: ['adapters', 'operators', 'core'], packages: [RXJS, /^rxjs\/testing$/] },
  server: { layers: ['node', 'operators', 'core'], packages: [RXJS, NODE] },
  node: { layers: ['server', 'adapters', 'operators', 'core'], packages: [RXJS, NODE] },
  cli: { layers: ['node', 'server', 'adapters', 'operators', 'core'], packages: [RXJS, NODE] },
};

/** `core` for lib/core/x.ts, `index` for lib/index.ts, `undefined` outside of lib/. */
function layerOf(file, lib) {
  const path = relative(lib, file);
  if (path.startsWith('..')) return undefined;
  return path.includes(sep) ? path.slice(0, path.indexOf(sep)) : path.replace(/\.[jt]s$/, '');
}

/** @type {import('eslint').Rule.RuleModule} */
export const layersRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      layer: 'lib/{{from}} may not import from {{to}}.',
      package: "lib/{{from}} may not import '{{specifier}}'.",
      prefix: "Write 'node:{{specifier}}'.",
      unknown: 'lib/{{from}} is none of the layers in scripts/layers-rule.mjs.',
    },
  },
  create(context) {
    const lib = resolve(context.cwd, 'lib');
    const from = layerOf(context.filename, lib);
    const allowed = Object.hasOwn(LAYERS, from ?? '') ? LAYERS[from] : undefined;

    function check(source) {
      if (allowed === undefined || typeof source?.value !== 'string') return;
      const specifier = source.value;
      const report = (messageId, data) =>
        context.report({ node: source, messageId, data: { from, ...data } });
      if (specifier.startsWith('.')) {
        const target = layerOf(resolve(dirname(context.filename), specifier), lib);
        if (target !== from && !allowed.layers.includes(target)) {
          report('layer', { to: target === undefined ? 'outside of lib' : `lib/${target}` });
        }
      } else if (!allowed.packages.some((pattern) => pattern.test(specifier))) {
        report(builtinModules.includes(specifier) && allowed.packages.includes(NODE) ? 'prefix' : 'package', {
          specifier,
        });
      }
    }

    return {
      Program(node) {
        if (allowed === undefined) context.report({ node, messageId: 'unknown', data: { from } });
      },
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      TSExternalModuleReference: (node) => check(node.expression),
    };
  },
};
