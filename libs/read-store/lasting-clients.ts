import pg from 'pg';

/**
 * An `error` that an EventEmitter tells nobody of is thrown past everything, and ends the process. A connection to the database may break
 * at any moment, whoever has it checked out and whatever they forgot to listen to, BullMQ's own connections included: whoever
 * uses it hears of it by the query that fails. Imported for what it does.
 */
const told = pg.Client.prototype.emit as (this: pg.Client, name: string | symbol, ...values: unknown[]) => boolean;
pg.Client.prototype.emit = function emit(this: pg.Client, name: string | symbol, ...values: unknown[]): boolean {
  return name === 'error' && this.listenerCount('error') === 0 ? false : told.call(this, name, ...values);
};
