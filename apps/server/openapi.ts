import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI 3.1 document, made from the routes and the schemas by which requests are checked. */
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
  return SwaggerModule.createDocument(app, config);
}
