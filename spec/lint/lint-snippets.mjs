/**
 * Lints snippets by the project's own configuration: JSON in, `[{ path, code }]`; JSON out, for each the
 * identifiers of the rules that it breaks. A process of its own, for Jest cannot import eslint.config.mjs.
 */
import { ESLint } from 'eslint';
import { text } from 'node:stream/consumers';

const { rules, snippets } = JSON.parse(await text(process.stdin));
const eslint = new ESLint({
  // The files are not there, so no rule that asks for types can be tried on them.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => rules.includes(ruleId),
});
const broken = [];
for (const { path, code } of snippets) {
  const [result] = await eslint.lintText(code, { filePath: path });
  if (result.fatalErrorCount > 0) throw new Error(`${path}: ${result.messages[0].message}`);
  broken.push([...new Set(result.messages.filter(({ severity }) => severity === 2).map((m) => m.ruleId))]);
}
console.log(JSON.stringify(broken));
