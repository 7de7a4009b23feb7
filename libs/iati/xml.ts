import { xmlText } from '#web-api';

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
  if (typeof node === 'string') return xmlText(node);
  const attributes = Object.entries(node.attributes)
    .flatMap(([name, value]) => (value === undefined ? [] : ` ${name}="${xmlText(value)}"`))
    .join('');
  if (node.children.length === 0) return `${indent}<${node.name}${attributes}/>\n`;
  if (node.children.every((child) => typeof child === 'string'))
    return `${indent}<${node.name}${attributes}>${node.children.map((child) => written(child)).join('')}</${node.name}>\n`;
  return `${indent}<${node.name}${attributes}>\n${node.children.map((child) => written(child, depth + 1)).join('')}${indent}</${node.name}>\n`;
}
