/** Jest's `expect`, for the specs that run in a browser. */
import { expect } from 'expect';

globalThis.expect = expect;
