// Reads from the controllers what each route answers, and writes it as JSON schemas for the OpenAPI document: the types that the
// compiler checks are the ones that programs are told of.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { buildGenerator } from 'typescript-json-schema';
import { HOME } from './toolchain.mjs';

// The generator's own compiler: types of one are no types to another.
const ts = createRequire(createRequire(import.meta.url).resolve('typescript-json-schema'))('typescript');

const FOLDER = join(HOME, 'dist', 'answers');
const ROUTES = new Set(['Get', 'Post', 'Put', 'Patch', 'Delete']);
const NAME = /^(?:import\(.*\)\.)?(?!Record$|Omit$|Pick$|Partial$)([A-Z]\w*?)(?:_\d+)?$/;

/** The schemas of the answers by operation id, and those that they share by name. */
function readAnswers() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const controllers = ['libs', 'apps/server']
    .flatMap((root) =>
      readdirSync(join(HOME, root), { recursive: true, encoding: 'utf8' }).map((file) => join(root, file)),
    )
    .filter((file) => file.endsWith('.controller.ts'))
    .sort();
  const operations = controllers.flatMap((file, index) => {
    const { names, text } = answersOf(file);
    writeFileSync(join(FOLDER, `${index}.ts`), text);
    return names;
  });
  const generator = buildGenerator(programOf(controllers.map((_, index) => join(FOLDER, `${index}.ts`))), {
    required: true,
    aliasRef: true,
    topRef: false,
    ignoreErrors: true,
    strictNullChecks: true,
  });
  rmSync(FOLDER, { recursive: true });
  const schemas = {};
  const answers = {};
  for (const name of operations) {
    const { definitions = {}, $schema: _, ...answer } = generator.getSchemaForSymbol(name);
    answers[name] = expanded(answer, definitions, schemas);
  }
  return { answers: sorted(answers), schemas: sorted(schemas) };
}

function programOf(files) {
  const { config } = ts.readConfigFile(join(HOME, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, HOME);
  return ts.createProgram(files, { ...options, noEmit: true, incremental: false, tsBuildInfoFile: undefined });
}

/** A controller's imports and types, with a type for what each of its routes answers. */
function answersOf(file) {
  const source = ts.createSourceFile(file, readFileSync(join(HOME, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const names = [];
  const lines = source.statements.flatMap((node) => {
    if (ts.isImportDeclaration(node)) return [importFrom(node, file)];
    if (ts.isInterfaceDeclaration(node)) return [node.getText().replace(/^export /, '')];
    if (ts.isTypeAliasDeclaration(node) && !node.getText().includes('typeof'))
      return [node.getText().replace(/^export /, '')];
    if (!ts.isClassDeclaration(node)) return [];
    return node.members.filter(isRoute).flatMap((member) => {
      const name = `${node.name.text}_${member.name.getText()}`;
      if (!member.type) throw new Error(`${file}: ${name} does not say what it answers.`);
      const type = member.type.getText().replace(/^Promise<([\s\S]*)>$/, '$1');
      if (type === 'void') return [];
      names.push(name);
      return [`export type ${name} = ${type};`];
    });
  });
  return { names, text: lines.join('\n') };
}

function importFrom(node, file) {
  const to = node.moduleSpecifier.text;
  const place = to.startsWith('.') ? relative(FOLDER, resolve(HOME, dirname(file), to)) : to;
  return node.getText().replace(node.moduleSpecifier.getText(), `'${place}'`);
}

const isRoute = (member) =>
  ts.isMethodDeclaration(member) &&
  (ts.getDecorators(member) ?? []).some(
    ({ expression }) => ts.isCallExpression(expression) && ROUTES.has(expression.expression.getText()),
  );

/** A schema in which only types that have a name are referred to; the others stand where they are used. */
function expanded(node, definitions, schemas) {
  if (Array.isArray(node)) return node.map((one) => expanded(one, definitions, schemas));
  if (typeof node !== 'object' || node === null) return node;
  if (typeof node.$ref === 'string') {
    const key = decodeURIComponent(node.$ref.slice('#/definitions/'.length));
    const { description: _, ...schema } = expanded(definitions[key], definitions, schemas);
    const name = NAME.exec(key)?.[1];
    if (!name) return schema;
    schemas[name] ??= schema;
    const isSame = JSON.stringify(schemas[name]) === JSON.stringify(schema);
    return isSame ? { $ref: `#/components/schemas/${name}` } : schema;
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, expanded(value, definitions, schemas)]));
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

writeFileSync(join(HOME, 'dist', 'answers.json'), JSON.stringify(readAnswers()));
