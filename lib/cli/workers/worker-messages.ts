/** What a primary and its workers tell each other, over the channel that `node:cluster` opens. */

/** To the primary. */
export type WorkerMessage =
  /** It takes messages from now on; earlier ones are lost. */
  | { readonly rxscgi: 'attached' }
  | { readonly rxscgi: 'ready'; readonly addresses: readonly string[] }
  | { readonly rxscgi: 'draining'; readonly connections: number }
  /** It ends, with this line and this exit code; nothing has been printed. */
  | { readonly rxscgi: 'failed'; readonly message: string; readonly exitCode: number };

/** To a worker. */
export interface PrimaryMessage {
  /** `drain`: finish what is under way. `end`: at once. */
  readonly rxscgi: 'drain' | 'end';
}

/** Whether a message is one of these: an application may send its own. */
export function isOurs(message: unknown): message is { readonly rxscgi: unknown } {
  return typeof message === 'object' && message !== null && 'rxscgi' in message;
}
