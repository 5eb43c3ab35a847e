/** What the built package declares: each export of each entry, with the types that it needs, and without comments. */
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './command/build.js';

const DECLARATIONS = join(ROOT, 'dist/esm');

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ['node'],
  skipLibCheck: true,
};

export class PublicSurface {
  private readonly checker: ts.TypeChecker;
  private readonly printer = ts.createPrinter({ removeComments: true });
  private readonly exports: ReadonlyMap<string, ReadonlyMap<string, ts.Symbol>>;
  private readonly exported: ReadonlySet<ts.Symbol>;

  /** @param entries - as package.json names them: `.`, `./core`. */
  constructor(entries: readonly string[]) {
    const files = entries.map((entry) => join(DECLARATIONS, entry, 'index.d.ts'));
    const program = ts.createProgram(files, OPTIONS);
    this.checker = program.getTypeChecker();
    this.exports = new Map(entries.map((entry, i) => [entry, this.exportsOf(program, files[i]!)]));
    this.exported = new Set([...this.exports.values()].flatMap((symbols) => [...symbols.values()]));
  }

  /** The declarations of an entry, by name. What it needs of other entries is left to them. */
  of(entry: string): string {
    const symbols = this.exports.get(entry)!;
    const needed = new Set<ts.Symbol>();
    for (const symbol of symbols.values()) this.addNeeded(symbol, needed);
    const shown = [...symbols].map(([name, symbol]) => this.print(name, symbol));
    const others = [...needed].map((symbol) => this.print(symbol.name, symbol));
    return [...sorted(shown), '// not exported', ...sorted(others)].join('\n\n');
  }

  private exportsOf(program: ts.Program, file: string): Map<string, ts.Symbol> {
    const source = this.checker.getSymbolAtLocation(program.getSourceFile(file)!);
    return new Map(
      this.checker.getExportsOfModule(source!).map((symbol) => [symbol.name, this.resolved(symbol)]),
    );
  }

  private resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** Adds the symbols of the package that declarations of `symbol` mention and that no entry exports. */
  private addNeeded(symbol: ts.Symbol, needed: Set<ts.Symbol>): void {
    const visit = (node: ts.Node): void => {
      if (isPrivate(node)) return;
      if (ts.isIdentifier(node)) {
        const found = this.checker.getSymbolAtLocation(node);
        const other = found && this.resolved(found);
        const isOurs = other?.declarations?.some((each) => isTopLevel(each)) ?? false;
        if (other && isOurs && !this.exported.has(other) && !needed.has(other)) {
          needed.add(other);
          this.addNeeded(other, needed);
        }
      }
      node.forEachChild(visit);
    };
    for (const declaration of symbol.declarations ?? []) visit(declaration);
  }

  private print(name: string, symbol: ts.Symbol): string {
    const texts = (symbol.declarations ?? []).map((declaration) => {
      const file = declaration.getSourceFile();
      const node = ts.isVariableDeclaration(declaration)
        ? declaration.parent.parent
        : withoutPrivate(declaration);
      return this.printer
        .printNode(ts.EmitHint.Unspecified, node, file)
        .replace(/^(?:export |declare )+/, '');
    });
    return `// ${name}\n${texts.join('\n')}`;
  }
}

function sorted(texts: readonly string[]): string[] {
  return [...texts].sort((a, b) => (a < b ? -1 : 1));
}

function isTopLevel(declaration: ts.Declaration): boolean {
  const file = declaration.getSourceFile();
  const parent = ts.isVariableDeclaration(declaration)
    ? declaration.parent.parent.parent
    : declaration.parent;
  return file.fileName.startsWith(DECLARATIONS) && parent === file;
}

function isPrivate(node: ts.Node): boolean {
  const flags = ts.ModifierFlags.Private;
  return ts.isClassElement(node) && (ts.getCombinedModifierFlags(node) & flags) !== 0;
}

function withoutPrivate(node: ts.Node): ts.Node {
  if (!ts.isClassDeclaration(node)) return node;
  const { modifiers, name, typeParameters, heritageClauses, members } = node;
  const kept = members.filter((member) => !isPrivate(member));
  return ts.factory.createClassDeclaration(modifiers, name, typeParameters, heritageClauses, kept);
}
