import { Observable, VirtualTimeScheduler, asyncScheduler } from 'rxjs';
import {
  IdleTimer,
  ScheduledTimekeeper,
  type Timekeeper,
} from '../../../lib/operators/exchange/idle-timer.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { expectTimeoutToKeepTime } from '../../helpers/virtual-time/stop-clocks.js';

cleanUpSockets();

/** Calls of the timer's methods: start, touch, stop. */
type Call = 's' | 't' | 'p';
const CALLS = { s: 's', t: 't', p: 'p' } as const;

describe('IdleTimer, with a ScheduledTimekeeper', () => {
  it.each([
    ['expire that long after its start', '        --s              ', '-------x     '],
    ['expire that long after the last touch', '   s---t-t          ', '-----------x '],
    ['let a touch in the last moment count', '    s----t           ', '----------x  '],
    ['expire once', '                             s-------t--------', '-----x       '],
    ['not begin by a touch', '                    --t              ', '-            '],
    ['not expire once stopped', '                 s--p             ', '-            '],
    ['begin anew when started after a stop', '    s--p-s           ', '----------x  '],
    ['begin anew when started after it expired', 's------s         ', '-----x------x'],
    ['begin anew when started while it runs', '   s--s             ', '--------x    '],
    ['be stopped before it has begun', '          p                ', '-            '],
  ])('should %s', (_, calls, expected) => {
    marbles(({ hot, expectObservable }, scheduler) => {
      const timer = timerOf(hot<Call>(calls, CALLS), new ScheduledTimekeeper(scheduler), 5);
      expectObservable(timer).toBe(expected, { x: 'x' });
    });
  });

  it('should never be started for Infinity', () => {
    const keeper: Timekeeper = { now: () => 0, start: () => fail(), stop: () => undefined };
    expect(() => new IdleTimer(keeper, Infinity, () => undefined).start()).not.toThrow();
  });

  it('should schedule nothing for a touch, and have one action at a time', () => {
    const scheduler = new VirtualTimeScheduler();
    const timer = new IdleTimer(new ScheduledTimekeeper(scheduler), 5, () => undefined);
    timer.start();
    for (let count = 0; count < 100; count++) timer.touch();
    timer.start();
    expect(scheduler.actions).toHaveLength(1);
  });

  it('should neither expire nor be delayed when the wall clock is set', () => {
    expectTimeoutToKeepTime(new ScheduledTimekeeper(asyncScheduler));
  });
});

function timerOf(calls: Observable<Call>, keeper: ScheduledTimekeeper, ms: number): Observable<string> {
  return new Observable((subscriber) => {
    const timer = new IdleTimer(keeper, ms, () => subscriber.next('x'));
    subscriber.add(
      calls.subscribe((call) => {
        if (call === 's') timer.start();
        else if (call === 't') timer.touch();
        else timer.stop();
      }),
    );
  });
}

function fail(): never {
  throw new Error('timers take Infinity for no time at all');
}
