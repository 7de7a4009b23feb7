export { Erasures } from './erasures.js';
export { PersonalDataModule } from './personal-data.module.js';
export { PersonalKeys, WrongMasterKey } from './personal-keys.js';
