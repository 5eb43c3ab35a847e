/** `rxjs/testing` of the one file that jest.config.js has for RxJS. */
module.exports = require('rxjs').testing;
