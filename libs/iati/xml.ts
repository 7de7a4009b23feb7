/** An element of an XML document, or what stands within one. */
export type Xml = { name: string; attributes: Record<string, string | undefined>; children: Xml[] } | string;

/** Makes an element; children that are absent are left out. */
export const element = (
  name: string,
  attributes: Record<string, string | undefined> = {},
  ...children: (Xml | Xml[] | undefined)[]
): Xml => ({ name, attributes, children: children.flat().filter((child) => child !== undefined) as Xml[] });

/** Writes an element as XML 1.0, indented for people. */
export function written(node: Xml, depth = 0): string {
  const indent = '  '.repeat(depth);
  if (typeof node === 'string') return escaped(node);
  const attributes = Object.entries(node.attributes)
    .flatMap(([name, value]) => (value === undefined ? [] : ` ${name}="${escaped(value)}"`))
    .join('');
  if (node.children.length === 0) return `${indent}<${node.name}${attributes}/>\n`;
  if (node.children.every((child) => typeof child === 'string'))
    return `${indent}<${node.name}${attributes}>${node.children.map((child) => written(child)).join('')}</${node.name}>\n`;
  return `${indent}<${node.name}${attributes}>\n${node.children.map((child) => written(child, depth + 1)).join('')}${indent}</${node.name}>\n`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** XML 1.0 has no place for other control characters. */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (character) => ESCAPES[character]!);
