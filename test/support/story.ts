/** One step of a story: what happens, and how. */
export type Step = (what: string, take: () => unknown) => void;

/**
 * Steps of which each needs the one before are one test: so no test depends on another, and any may be run alone. What a step fails
 * with names it.
 */
export function story(name: string, tell: (step: Step) => void, milliseconds?: number): void {
  const steps: Parameters<Step>[] = [];
  tell((...step) => void steps.push(step));
  it(
    name,
    async () => {
      for (const [what, take] of steps) {
        try {
          await take();
        } catch (error) {
          throw new Error(`At the step "${what}": ${(error as Error).message}`, { cause: error });
        }
      }
    },
    milliseconds,
  );
}
