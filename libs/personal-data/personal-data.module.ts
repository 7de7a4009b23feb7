import { Module } from '@nestjs/common';
import { Erasures } from './erasures.js';
import { PersonalDataController } from './personal-data.controller.js';
import { GatherPersonalRecordHandler, ListPeopleHandler } from './personal-data.js';

@Module({
  controllers: [PersonalDataController],
  exports: [Erasures],
  providers: [Erasures, ListPeopleHandler, GatherPersonalRecordHandler],
})
export class PersonalDataModule {}
