import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Capability } from '#event-sourcing';
import { AccessController } from './access.controller.js';
import { AccessGuard } from './access.guard.js';
import { Accounts } from './accounts.js';
import { credentialDecider, credentialEvents } from './credential.js';
import { loginDecider, loginEvents } from './login.js';
import { OneUseOfEachKey } from './one-use-of-each-key.js';
import { requestDecider, requestEvents } from './request.js';
import { userDecider, userEvents } from './user.js';
import { users } from './user.projection.js';
import { ListUsersHandler } from './user.queries.js';

export const accessCapability: Capability = {
  events: { user: userEvents, login: loginEvents, credential: credentialEvents, request: requestEvents },
  deciders: [userDecider, loginDecider, credentialDecider, requestDecider],
  readModels: [users],
};

@Module({
  controllers: [AccessController],
  providers: [
    Accounts,
    ListUsersHandler,
    { provide: APP_GUARD, useClass: AccessGuard },
    // After the one before it, which says whose keys these are.
    { provide: APP_GUARD, useClass: OneUseOfEachKey },
  ],
  exports: [Accounts],
})
export class AccessModule {}
