/** Injection token of the clock (`Clock` of the event-sourcing core). */
export const CLOCK = Symbol('Clock');
