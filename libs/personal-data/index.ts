export { Erasures } from './erasures.js';
export { PersonalDataModule } from './personal-data.module.js';
export { PersonalKeys } from './personal-keys.js';
