/** A gateway with many connections at every stage, which is going to be killed. */
import { faultyExchange } from '../load/faulty-exchange.mjs';
import { planOf } from '../load/fault-plans.mjs';
import { randomOf } from '../../bench/shared/random.mjs';

export function start({ address, seed, count }) {
  const open = () => {
    for (let i = 0; i < count; i++)
      void faultyExchange(address, { ...planOf(randomOf(seed + i)), then: 'read' });
  };
  return { commands: { open } };
}
