const MINUTE_MS = 60_000;

/** Says the same thing once a minute at the most, however often it happens. */
export function onceAMinute(say: (message: string) => void): (error: unknown) => void {
  const said = new Map<string, number>();
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    const now = performance.now();
    for (const [text, at] of said) if (now - at >= MINUTE_MS) said.delete(text);
    if (said.has(message)) return;
    said.set(message, now);
    say(message);
  };
}
