/** How many bytes `action` allocates as new `Uint8Array`s; views of others cost nothing. */
export function countAllocatedBytes(action: () => void): number {
  const Original = globalThis.Uint8Array;
  let allocated = 0;
  const construct: ProxyHandler<Uint8ArrayConstructor>['construct'] = (
    target,
    args: unknown[],
    newTarget,
  ) => {
    if (typeof args[0] === 'number') allocated += args[0];
    return Reflect.construct(target, args, newTarget) as object;
  };
  globalThis.Uint8Array = new Proxy(Original, { construct });
  try {
    action();
  } finally {
    globalThis.Uint8Array = Original;
  }
  return allocated;
}
