/** From what a person writes to what can be bound. */
import { parseAddress, type Address } from '../../server/address.js';
import { inheritedDescriptors } from './inherited-descriptors.js';

/** Reads addresses; `systemd` becomes the descriptors that it stands for. @throws TypeError naming what is wrong. */
export function resolveAddresses(texts: readonly string[]): Address[] {
  return texts.flatMap((text) => {
    const address = parseAddress(text);
    return address.kind === 'systemd' ? inheritedDescriptors(address.name) : [address];
  });
}
