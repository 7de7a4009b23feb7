import { Module } from '@nestjs/common';
import { MinedLog } from './event-log.js';
import { ProcessMiningController } from './process-mining.controller.js';

@Module({ controllers: [ProcessMiningController], providers: [MinedLog] })
export class ProcessMiningModule {}
