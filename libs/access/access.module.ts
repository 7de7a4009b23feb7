import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessController } from './access.controller.js';
import { AccessGuard } from './access.guard.js';
import { Accounts } from './accounts.js';
import { ListUsersHandler } from './user.queries.js';

@Module({
  controllers: [AccessController],
  providers: [Accounts, ListUsersHandler, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [Accounts],
})
export class AccessModule {}
