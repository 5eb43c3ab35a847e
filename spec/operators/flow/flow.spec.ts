import { BehaviorSubject, NEVER, Subject, of, skip, startWith } from 'rxjs';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import {
  FlowState,
  HELD_BY_BODY,
  HELD_BY_RESPONSE,
  createFlow,
  flowState,
  type Flow,
  type InputWatcher,
  type OutputWatcher,
} from '../../../lib/operators/flow/flow.js';
import { pauseOutput } from '../../helpers/virtual-time/play-flow.js';

const PAUSED = { f: false, t: true };

describe('createFlow', () => {
  it('should begin with both gates open', () => {
    const flow = createFlow();
    expect([flow.inputPaused.value, flow.outputPaused.value]).toEqual([false, false]);
  });

  it('should give the same gate each time it is asked for', () => {
    const flow = createFlow();
    expect(flow.inputPaused).toBe(flow.inputPaused);
    expect(flow.outputPaused).toBe(flow.outputPaused);
    expect(flow.inputPaused).not.toBe(flow.outputPaused);
  });

  it('should make independent flows', () => {
    const flow = createFlow();
    pauseOutput(flow, true);
    expect(createFlow().outputPaused.value).toBe(false);
  });
});

describe('FlowState', () => {
  it('should pause the input while there is a cause, and report changes only', () => {
    const flow = new FlowState();
    const log = logOf(flow);
    flow.hold(HELD_BY_BODY, true);
    flow.hold(HELD_BY_BODY, true);
    flow.hold(HELD_BY_RESPONSE, true);
    flow.countInput(1, 'pullMap');
    flow.hold(HELD_BY_BODY, false);
    flow.countInput(-1, 'pullMap');
    flow.hold(HELD_BY_RESPONSE, false);
    flow.hold(HELD_BY_RESPONSE, false);
    expect(log).toEqual([false, true, false]);
  });

  it('should tell each watcher of the changes of the input, until it watches no more', () => {
    const flow = new FlowState();
    const logs: boolean[][] = [[], []];
    const watchers = logs.map((log) => ({ inputHeldChanged: (held: boolean) => void log.push(held) }));
    for (const watcher of watchers) flow.watchInput(watcher);
    flow.hold(HELD_BY_BODY, true);
    flow.countInput(1, 'pullMap');
    flow.unwatchInput(watchers[0] as InputWatcher);
    flow.hold(HELD_BY_BODY, false);
    flow.countInput(-1, 'pullMap');
    expect(logs).toEqual([[true], [true, false]]);
  });

  it('should tell each watcher of the changes of the output, after those who listen to the gate, until it watches no more', () => {
    const flow = new FlowState();
    const log: string[] = [];
    const watchers = ['a', 'b'].map((name) => ({
      outputHeldChanged: () => void log.push(`${name} ${flow.outputHeld}`),
    }));
    for (const watcher of watchers) flow.watchOutput(watcher);
    flow.outputPaused.pipe(skip(1)).subscribe((paused) => log.push(`gate ${paused}`));
    flow.countOutput(1, 'transport');
    flow.countOutput(1, 'holdOutput');
    flow.unwatchOutput(watchers[0] as OutputWatcher);
    flow.countOutput(-1, 'transport');
    flow.countOutput(-1, 'holdOutput');
    expect(log).toEqual(['gate true', 'a true', 'b true', 'gate false', 'b false']);
  });

  it.each([
    ['the body', HELD_BY_BODY],
    ['the response', HELD_BY_RESPONSE],
  ])('should not let another cause lift the pause of %s', (_, cause) => {
    const flow = new FlowState();
    flow.hold(cause, true);
    for (const other of [HELD_BY_BODY, HELD_BY_RESPONSE]) {
      if (other !== cause) flow.hold(other, false);
    }
    const application = flow.holdInput(of(true, false));
    application.unsubscribe();
    expect(flow.inputPaused.value).toBe(true);
  });

  it('should report the value of a gate that nobody has asked for', () => {
    const flow = new FlowState();
    expect([flow.inputHeld, flow.outputHeld]).toEqual([false, false]);
    flow.hold(HELD_BY_BODY, true);
    pauseOutput(flow, true);
    expect([flow.inputHeld, flow.outputHeld]).toEqual([true, true]);
    expect(flow.inputPaused.value).toBe(true);
  });

  it('should notify its owner of changes, after its subscribers', () => {
    const log: unknown[] = [];
    class OwnedFlow extends FlowState {
      protected override inputChanged(): void {
        log.push(['owner', this.inputPaused.value]);
      }
    }
    const flow = new OwnedFlow();
    flow.hold(HELD_BY_BODY, true);
    flow.inputPaused.subscribe((paused) => log.push(paused));
    flow.hold(HELD_BY_BODY, false);
    pauseOutput(flow, true);
    expect(log).toEqual([['owner', true], true, false, ['owner', false]]);
  });

  it('should keep the order when a cause comes while another is being reported', () => {
    const flow = new FlowState();
    flow.inputPaused.subscribe((paused) => flow.hold(HELD_BY_RESPONSE, paused));
    flow.hold(HELD_BY_BODY, true);
    flow.hold(HELD_BY_BODY, false);
    expect(flow.inputPaused.value).toBe(true);
    flow.hold(HELD_BY_RESPONSE, false);
    expect(flow.inputPaused.value).toBe(false);
  });
});

describe.each(['holdInput', 'holdOutput'] as const)('Flow#%s', (hold) => {
  const gate = (flow: Flow) => (hold === 'holdInput' ? flow.inputPaused : flow.outputPaused);
  const other = (flow: Flow) => (hold === 'holdInput' ? flow.outputPaused : flow.inputPaused);

  it('should pause while the cause has emitted true last, and release when it ends', () => {
    marbles(({ hot, expectObservable }) => {
      const flow = createFlow();
      const cause = hot('   --t-t-f--t--|', PAUSED);
      const expected = '    f-t---f--t--f';
      flow[hold](cause);
      expectObservable(gate(flow)).toBe(expected, PAUSED);
      expectObservable(other(flow)).toBe('f', PAUSED);
    });
  });

  it('should release when the returned subscription is unsubscribed', () => {
    const flow = createFlow();
    const subscription = flow[hold](NEVER.pipe(startWith(true)));
    expect(gate(flow).value).toBe(true);
    subscription.unsubscribe();
    expect(gate(flow).value).toBe(false);
  });

  it('should release at once when the cause is over at once', () => {
    const flow = createFlow();
    flow[hold](of(true));
    expect(gate(flow).value).toBe(false);
  });

  it('should let no cause lift the hold of another', () => {
    marbles(({ hot, expectObservable }) => {
      const flow = createFlow();
      const first = hot('   -t-----f-------', PAUSED);
      const second = hot('  ---t-f-----t|  ', PAUSED);
      const expected = '    ft-----f---tf  ';
      flow[hold](first);
      flow[hold](second);
      expectObservable(gate(flow)).toBe(expected, PAUSED);
    });
  });

  it('should keep its gate read-only', () => {
    const { next } = gate(createFlow()) as { next?: unknown };
    expect(next).toBeUndefined();
  });
});

describe('flowState', () => {
  it('should recognize what createFlow made', () => {
    const flow = createFlow();
    expect(flowState(flow)).toBe(flow);
    expect(flowState(undefined)).toBeUndefined();
  });

  it.each([
    [
      'one made by hand',
      { inputPaused: new BehaviorSubject(false), outputPaused: new BehaviorSubject(false) },
    ],
    ['an Observable', new Subject()],
    ['an empty object', {}],
  ])('should throw a TypeError for %s', (_, flow) => {
    expect(() => flowState(flow as Flow)).toThrow(TypeError);
  });
});

function logOf(flow: Flow): boolean[] {
  const log: boolean[] = [];
  flow.inputPaused.subscribe((paused) => log.push(paused));
  return log;
}
