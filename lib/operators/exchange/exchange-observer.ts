/** What an exchange tells of itself. */
import type { ScgiRequest } from '../types.js';

/** Who is told, a server's log say, what an exchange comes to. */
export interface ExchangeObserver {
  /** The head is complete; the handler is about to be called. */
  request?(request: ScgiRequest): void;
  /** The head of a response with this status is out; its body is still to come. */
  started?(status: number): void;
  /** All of the response is on its way out, with this status. */
  response?(status: number): void;
  /** Something went wrong, on whichever side. */
  failure?(error: unknown, request: ScgiRequest | undefined): void;
  /** The exchange is over and reads no more. */
  released?(): void;
}
