export { breather, workWithin } from './breather.js';
export { LongestStall } from './longest-stall.js';
export { TooCostly, WorkersBusy } from './refusals.js';
export { workerTask } from './worker-task.js';
export { eachInWorker, endWorkers, inWorker, type Limits, SMALL, workersAtWork } from './workers.js';
