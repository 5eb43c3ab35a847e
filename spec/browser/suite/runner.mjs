/** As much of Jest as the specs use that run in a browser: they register their cases here. */
/* global addEventListener */

/** `{ name, run, hooks: { before, after } }` */
const cases = [];
let titles = [];
let hooks = { before: [], after: [] };

function describe(title, body) {
  const outer = [titles, hooks];
  titles = [...titles, title];
  hooks = { before: [...hooks.before], after: [...hooks.after] };
  body();
  [titles, hooks] = outer;
}

function it(title, run) {
  cases.push({ name: [...titles, title].join(' › '), run, hooks });
}

function show(value) {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function textOf(error) {
  return String(error?.stack ?? error).slice(0, 1000);
}

/** `%s` and `$name` in a title, and one case for each row. */
const each =
  (register) =>
  (rows, ...values) =>
  (title, run) => {
    if (values.length > 0) throw new Error('tables in templates are not supported');
    for (const row of rows) {
      const args = Array.isArray(row) ? row : [row];
      let next = 0;
      const named = title
        .replace(/%[sidjop%]/g, (format) => (format === '%%' ? '%' : show(args[next++])))
        .replace(/\$(\w+)/g, (whole, key) => (args[0]?.[key] === undefined ? whole : show(args[0][key])));
      register(named, () => run(...args));
    }
  };

describe.each = each(describe);
it.each = each(it);

Object.assign(globalThis, {
  describe,
  it,

  beforeEach: (hook) => hooks.before.push(hook),
  afterEach: (hook) => hooks.after.push(hook),
});

/** The longest time of a case. Marbles take none. */
const CASE_MS = 5000;

async function inTime(result) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${CASE_MS} ms`)), CASE_MS);
  });
  try {
    await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a case that calls back when it is done. */
function called(run) {
  return new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
}

/** Runs all that is registered. @returns `{ passed, failed: [{ name, error }] }`. */
export async function runCases() {
  const failed = [];
  let passed = 0;
  const uncaught = ({ message, reason = message }) =>
    failed.push({ name: 'uncaught', error: textOf(reason) });
  addEventListener('error', uncaught);
  addEventListener('unhandledrejection', uncaught);
  for (const {
    name,
    run,
    hooks: { before, after },
  } of cases) {
    try {
      for (const hook of before) await hook();
      await inTime(run.length === 0 ? run() : called(run));
      for (const hook of after) await hook();
      passed++;
    } catch (error) {
      failed.push({ name, error: textOf(error) });
    }
  }
  return { passed, failed };
}
