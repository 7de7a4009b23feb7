export { ChangeDelivery } from './change-delivery.js';
export { ChangeFeedModule } from './change-feed.module.js';
export { INSTANCE_URL } from './changes.js';
