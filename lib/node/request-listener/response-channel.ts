/** The body of a listener's response. It tells when its reader has done with what was written. */
import type { FlowState } from '../../operators/flow/flow.js';
import { BodyChannel, type BodyReader, type BodyTaker } from '../../operators/request/body-channel.js';
import type { ScgiUsageError } from '../../core/errors/errors.js';

/** Writes wait for the reader: no more is held here than was written last. */
const UNLIMITED = { bodyHighWaterMark: Infinity, maxQueuedBytes: Infinity };

export class ResponseChannel extends BodyChannel {
  /** @param onProgress - called when `consumed` may have become true. */
  constructor(
    flow: FlowState,
    private readonly onProgress: () => void,
  ) {
    super(UNLIMITED, flow);
  }

  override pull(): void {
    super.pull();
    this.onProgress();
  }

  /** Most often because the gateway has left: the owner learns of that first. */
  override drop(): void {
    super.drop();
    process.nextTick(this.onProgress);
  }

  protected override take(
    state: 'pushing' | 'pulling',
    taker: BodyTaker,
    reader: BodyReader,
  ): ScgiUsageError | undefined {
    const used = super.take(state, taker, reader);
    this.onProgress();
    return used;
  }
}
