/** The body of a request that is inspected: who takes it, and what it emits. */
import type { ScgiUsageError } from '../../core/errors/errors.js';
import { BodyChannel, type BodyReader, type BodyTaker } from '../../operators/request/body-channel.js';
import type { ConnectionEvents } from './inspector.js';

export class InspectedBody extends BodyChannel {
  constructor(
    private readonly events: ConnectionEvents,
    ...channel: ConstructorParameters<typeof BodyChannel>
  ) {
    super(...channel);
  }

  protected override take(
    state: 'pushing' | 'pulling',
    taker: BodyTaker,
    reader: BodyReader,
  ): ScgiUsageError | undefined {
    const { events } = this;
    const isFirst = !this.everTaken && (this.emptyBody || this.untaken);
    if (!isFirst) return super.take(state, taker, reader);
    if (reader !== 'subscribe') events.bodyPuller = reader;
    events.emit({ type: 'body-state', state: 'subscribed', by: reader });
    return super.take(state, new InspectedTaker(events, taker), reader);
  }

  override drop(): void {
    if (this.taken) this.events.emit({ type: 'body-state', state: 'unsubscribed' });
    else if (this.untaken && !this.emptyBody) this.events.emit({ type: 'body-state', state: 'dropped' });
    super.drop();
  }
}

class InspectedTaker implements BodyTaker {
  constructor(
    private readonly events: ConnectionEvents,
    private readonly taker: BodyTaker,
  ) {}

  next(data: Uint8Array): void {
    this.events.body(data);
    this.taker.next(data);
  }

  error(error: unknown, aside: boolean): void {
    this.events.emit({ type: 'body-state', state: 'failed' });
    this.taker.error(error, aside);
  }

  complete(): void {
    this.events.emit({ type: 'body-end' });
    this.taker.complete();
  }
}
