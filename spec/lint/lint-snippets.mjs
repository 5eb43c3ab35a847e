/**
 * Lints snippets with the configuration of the project. Reads JSON, `{ rules, snippets: [{ path, code }] }`, and writes for
 * each snippet the names of the rules that it breaks. It is a process because Jest cannot import eslint.config.mjs.
 */
import { ESLint } from 'eslint';
import { text } from 'node:stream/consumers';

const { rules, snippets } = JSON.parse(await text(process.stdin));
const eslint = new ESLint({
  // The files do not exist: rules that need types cannot run.
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
