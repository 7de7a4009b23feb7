export { breather, workWithin } from './breather.js';
export { LongestStall } from './longest-stall.js';

export { workerTask } from './worker-task.js';
export { eachInWorker, inWorker, workersAtWork } from './workers.js';
