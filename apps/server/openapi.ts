import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VersioningType } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { HOME } from './home.js';

type Schema = Record<string, unknown>;
type Operation = { operationId?: string; responses: Record<string, { description?: string; content?: Schema }> };

/** What every refusal looks like (RFC 9457). */
const PROBLEM: Schema = {
  description: 'A problem document (RFC 9457). `type` and `code` are stable; programs go by them.',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'rule', 'message'],
        properties: { field: { type: 'string' }, rule: { type: 'string' }, message: { type: 'string' } },
      },
    },
    changedSince: {
      description: 'With status 412: what others did since the caller looked.',
      type: 'array',
      items: {
        type: 'object',
        required: ['revision', 'type', 'recordedAt'],
        properties: { revision: { type: 'integer' }, type: { type: 'string' }, recordedAt: { type: 'string' } },
      },
    },
  },
};

/** Under which addresses the routes are. */
export function addressed(app: NestFastifyApplication): void {
  app.setGlobalPrefix('api', { exclude: ['health/live', 'health/ready', 'metrics'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
}

/**
 * The OpenAPI 3.1 document: requests as the schemas by which they are checked, answers as the types that the compiler checks.
 */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Paraphe')
    .setDescription(
      'Lifecycles of agreements and of the projects that run under them. Errors are problem documents (RFC 9457). `Idempotency-Key` makes a repeated command harmless, `If-Match` refuses one upon a stale revision, and `?after=` lets a read wait for what a command did.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .addCookieAuth('paraphe_session')
    .addGlobalParameters(
      { in: 'header', name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 200 } },
      { in: 'header', name: 'If-Match', required: false, schema: { type: 'string' } },
    )
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const { answers, schemas } = JSON.parse(readFileSync(join(HOME, 'dist/answers.json'), 'utf8')) as {
    answers: Record<string, Schema>;
    schemas: Record<string, Schema>;
  };
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path) as Operation[]) answered(operation, answers);
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...schemas, Problem: PROBLEM } as never,
  };
  return document;
}

/** Adds to an operation what it answers, and how it refuses. */
function answered({ operationId = '', responses }: Operation, answers: Record<string, Schema>): void {
  // Nest adds the version that is not the default one's to the id.
  const schema = answers[operationId.replace(/_v\d+$/, '')];
  const success = Object.keys(responses).find((status) => status.startsWith('2'));
  if (schema && success) responses[success]!.content = { 'application/json': { schema } };
  responses.default = {
    description: 'Refused',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
