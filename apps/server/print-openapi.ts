import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Engine } from './engine.js';
import { HOME } from './home.js';
import { addressed, openApiDocument } from './openapi.js';
import { readSettings } from './settings.js';

// Writes the OpenAPI document without starting anything: the routes are looked at, not made.

const engine = { settings: readSettings({}), projector: { models: [] } } as unknown as Engine;
const app = await NestFactory.create<NestFastifyApplication>(AppModule.on(engine), new FastifyAdapter(), {
  preview: true,
  logger: ['error'],
});
addressed(app);
writeFileSync(join(HOME, 'dist/openapi.json'), JSON.stringify(openApiDocument(app)));
