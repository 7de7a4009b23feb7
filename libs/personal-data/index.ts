export { Erasures } from './erasures.js';
export { PersonalDataModule } from './personal-data.module.js';
export { PERSONAL_KEYS_CHECK, PersonalKeys, WrongMasterKey } from './personal-keys.js';
