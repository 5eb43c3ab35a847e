/**
 * Prepares a release: `node scripts/release.mjs 0.2.0`. Checks everything, dates the heading of CHANGELOG.md, sets the version, tries the
 * publication (`--dry-run`), commits and tags. It publishes nothing, and leaves the tree as it was when something fails.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** What must pass: all that CI runs. */
const GATE = '.ci/run';
const CHANGED = ['CHANGELOG.md', 'package.json', 'package-lock.json'];
const UNRELEASED = /^## Unreleased.*$/m;

class Refusal extends Error {}

function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Refusal(`${[command, ...args].join(' ')} has failed`);
}

function output(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Refusal(`${command} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.trim();
}

/** Whether `a` comes after `b`, both `MAJOR.MINOR.PATCH`. */
function isNewer(a, b) {
  return a.localeCompare(b, 'en', { numeric: true }) > 0;
}

/** The text under the heading, up to the next one. */
function unreleased(changelog) {
  const heading = UNRELEASED.exec(changelog);
  if (heading === null) throw new Refusal('CHANGELOG.md has no heading "## Unreleased"');
  const [text] = changelog.slice(heading.index + heading[0].length).split(/^## /m);
  return text;
}

function release(version) {
  if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(version ?? ''))
    throw new Refusal('usage: node scripts/release.mjs MAJOR.MINOR.PATCH');
  const tag = `v${version}`;
  if (output('git', 'status', '--porcelain') !== '')
    throw new Refusal('the tree has changes that are not committed');
  const tags = output('git', 'tag', '--list', 'v*').split('\n');
  if (tags.includes(tag)) throw new Refusal(`the tag ${tag} exists`);
  const older = tags.filter((each) => each !== '').every((each) => isNewer(tag, each));
  if (!older) throw new Refusal(`${version} is older than a version that has been released`);
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  // Headings alone are no changes.
  if (!/^[-*] /m.test(unreleased(changelog)))
    throw new Refusal('nothing is listed under "Unreleased" in CHANGELOG.md');
  run(GATE);
  if (output('git', 'status', '--porcelain') !== '') throw new Refusal('the checks have changed files');
  try {
    const date = new Date().toISOString().slice(0, 10);
    writeFileSync(
      'CHANGELOG.md',
      changelog.replace(UNRELEASED, () => `## Unreleased\n\n## ${version} (${date})`),
    );
    run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
    run('npm', 'publish', '--provenance', '--dry-run');
    run('git', 'commit', '--quiet', '-m', `chore: release ${version}`, '--', ...CHANGED);
  } catch (error) {
    run('git', 'checkout', '--quiet', '--', ...CHANGED);
    throw error;
  }
  run('git', 'tag', '--annotate', tag, '-m', tag);
  console.log(
    `\n${tag} is ready. In CI, which signs the provenance:\n  git push --follow-tags\n  npm publish --provenance`,
  );
}

try {
  release(process.argv[2]);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}
