/** Memory for what goes to a socket, and to nobody else. */
import type { Allocate } from '../core/allocate.js';

/**
 * Pieces of the pool that Node has for small buffers: a buffer for each head of a response is a fifteenth of what a small
 * request costs. They are not for applications: who transfers one takes the pool away from the whole process.
 */
export const pooledBytes: Allocate = (length) => Buffer.allocUnsafe(length);
