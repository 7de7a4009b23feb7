import type { ReadStore } from '#read-store';

/** A read store whose every query gives these rows. */
export const holding = (rows: object[]) => {
  const executor = {
    transformQuery: (node: unknown) => node,
    compileQuery: () => ({}),
    executeQuery: async () => ({ rows }),
  };
  const from = () => ({ select: () => ({ execute: async () => [] }) });
  return { tables: () => ({ getExecutor: () => executor }), from } as unknown as ReadStore;
};
