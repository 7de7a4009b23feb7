import { type ReactNode, useEffect, useRef } from 'react';

/** A button that opens a short list below it; it closes when one is chosen, by Escape, and when one looks elsewhere. */
export function DropDown({ label, icon, children }: { label: string; icon: ReactNode; children: ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const element = details.current!;
    const close = (event: Event) => {
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape';
      const isElsewhere = !(event instanceof KeyboardEvent) && !element.contains(event.target as Node);
      if (isEscape || isElsewhere) element.open = false;
    };
    for (const type of ['pointerdown', 'focusin', 'keydown']) document.addEventListener(type, close);
    return () => {
      for (const type of ['pointerdown', 'focusin', 'keydown']) document.removeEventListener(type, close);
    };
  }, []);
  return (
    <details ref={details} className="drop-down">
      <summary aria-label={label}>{icon}</summary>
      <div>{children}</div>
    </details>
  );
}
