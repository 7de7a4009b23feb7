import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { PROBLEM_MEMBERS } from '#web-api';

/** Every class of the product with the name of the one that it extends, and the names of the details that it sets. */
const classes = globSync(['libs/**/*.ts', 'apps/server/**/*.ts', 'apps/cli/**/*.ts'])
  .filter((file) => !file.endsWith('.spec.ts'))
  .flatMap((file) => {
    const found: { file: string; name: string; parent: string; details: string[] }[] = [];
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const look = (node: ts.Node): void => {
      if (ts.isClassDeclaration(node)) {
        const parent = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
        const extended = parent?.types[0]?.expression.getText();
        if (node.name && extended)
          found.push({ file, name: node.name.text, parent: extended, details: detailsOf(node) });
      }
      ts.forEachChild(node, look);
    };
    look(source);
    return found;
  });

function detailsOf(node: ts.Node): string[] {
  const names: string[] = [];
  const look = (one: ts.Node): void => {
    const value =
      ts.isBinaryExpression(one) && one.left.getText() === 'this.details'
        ? one.right
        : ts.isPropertyDeclaration(one) && one.name.getText() === 'details'
          ? one.initializer
          : undefined;
    if (value && ts.isObjectLiteralExpression(value))
      for (const property of value.properties) if (property.name) names.push(property.name.getText());
    ts.forEachChild(one, look);
  };
  look(node);
  return names;
}

function refusals() {
  const known = new Set(['Refusal']);
  for (let before = 0; before !== known.size; ) {
    before = known.size;
    for (const { name, parent } of classes) if (known.has(parent)) known.add(name);
  }
  return classes.filter(({ name }) => known.has(name));
}

describe('every refusal', () => {
  it('is found', () => {
    expect(refusals().length).toBeGreaterThan(60);
  });

  it('has details of its own names: none would be lost for being called as a member of RFC 9457', () => {
    const members = new Set<string>(PROBLEM_MEMBERS);
    const lost = refusals().flatMap(({ file, name, details }) =>
      details.filter((detail) => members.has(detail)).map((detail) => `${file}: ${name}.${detail}`),
    );
    expect(lost).toEqual([]);
  });
});
