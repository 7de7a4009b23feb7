/** What of this room runs in the browser too: events are said there by the same rules. */
export { actorOf, eventName, sayField, sayValue, sentenceOf, type Words } from './sentence.js';
