/** Frees what belongs to a response that is not sent. */
import { isChunk, isObservableInput, type Streaming } from './body-chunk.js';
import { pulledSource, quietly } from './response-source.js';
import { ignore, isThenable, settle } from './settle.js';
import type { ScgiResponse } from '../types.js';

/** Frees a body that never goes out, as with the answer to HEAD or a 204. */
export function discardBody(body: Streaming): void {
  quietly(() => {
    const source = pulledSource(body, { next: ignore, error: ignore, complete: ignore });
    if (source) source.close();
    // Nobody else looks at this Promise: its rejection would end the process.
    else if (isThenable(body)) settle(body, ignore, ignore);
  });
}

/** Frees the body of a response, or of a request to an application, that is refused or comes too late. */
export function discardResponse(response: Pick<ScgiResponse, 'body'>): void {
  // Handlers may give anything, and looking at it may throw.
  quietly(() => {
    const { body } = response;
    if (typeof body === 'object' && body !== null && !isChunk(body)) discardBody(body);
    // A Promise or a stream in place of a response.
    else if (isObservableInput(response)) discardBody(response as Streaming);
  });
}
