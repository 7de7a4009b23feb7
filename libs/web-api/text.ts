// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const EVERY_CONTROL = new RegExp(CONTROL, 'g');

/** Whether a value is a text that can be kept and looked for: without control characters, and without halves of surrogate pairs. */
export const isClean = (value: unknown): value is string =>
  typeof value === 'string' && !CONTROL.test(value) && value.isWellFormed();

/** Any text as one that can be kept and shown: what cannot be is shown as �, what is too long is cut. */
export function shown(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.toWellFormed().replace(EVERY_CONTROL, '\ufffd');
}
