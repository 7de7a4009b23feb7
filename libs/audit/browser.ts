/** What of this room runs in the browser too: events are said there by the same rules. */
export { actorOf, sayField, sayValue, sentenceOf, type Words } from './sentence.js';
