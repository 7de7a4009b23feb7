/** Works through the items, so many at a time. Once one fails, no other is begun; what is under way is waited for, and then it throws. */
export async function eachOf<Item>(items: Item[], atATime: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of queue) {
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

/** So long may be worked at what others should not wait for. */
export const A_WHILE_MS = 250;

/** Works through what is open and takes out what is done, until an instant of `performance.now()`; the rest stays for the next time. */
export async function workOff<Item>(
  open: Set<Item>,
  until: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (const item of open) {
    if (performance.now() > until) return;
    await work(item);
    open.delete(item);
  }
}
