export { ChangeDelivery } from './change-delivery.js';
export { ChangeFeedModule } from './change-feed.module.js';
export { INSTANCE_URL } from './changes.js';
export type { CloudEvent } from './cloud-event.js';
