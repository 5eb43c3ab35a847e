/** Stands for the modules of Node.js that `expect` loads, and does not need here. */
const absent = new Proxy(() => absent, {
  get: (_, key) => (key === '__esModule' ? false : key === Symbol.toPrimitive ? () => '' : absent),
});
module.exports = absent;
