import { EventStoreDBClient } from '@eventstore/db-client';

/** How to reach the event store: a connection string, or the endpoint of the embedded one. */
export type EventStoreAddress = { connectionString: string } | { endpoint: string };

/** So many long reads go over one connection. A node takes a hundred calls at a time over each, and lets more wait without a word. */
const MAX_READS = 80;
/** The client's own default, in milliseconds. */
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
/** The client waits for every stream to finish, and does not hear of one that it cancelled while it was idle. */
const MAX_DISPOSAL_MS = 200;

interface Connection {
  number: number;
  client: EventStoreDBClient;
  reads: number;
}

/**
 * Connections to the event store: one for what is answered at once, and others for reads that take their time, as many as these need. A
 * short answer never stands behind the log that somebody else reads.
 */
export class Connections {
  /** For appends, and for reads of little. */
  readonly first: EventStoreDBClient;
  private readonly open: Connection[] = [];

  constructor(private readonly address: EventStoreAddress) {
    this.first = connected(address, 0);
  }

  /** A connection for one long read, to be given back when that is over. */
  lend(): { client: EventStoreDBClient; giveBack: () => void } {
    const free = this.open.find(({ reads }) => reads < MAX_READS);
    const lent = free ?? this.another();
    lent.reads++;
    const giveBack = () => {
      lent.reads--;
      // One is kept for whoever comes next.
      if (lent.reads > 0 || lent === this.open[0]) return;
      this.open.splice(this.open.indexOf(lent), 1);
      void disposed(lent.client);
    };
    return { client: lent.client, giveBack };
  }

  /** Ends them. All appends have been answered by now, so there is nothing to wait for. */
  async close(): Promise<void> {
    await Promise.all([this.first, ...this.open.map(({ client }) => client)].map(disposed));
  }

  private another(): Connection {
    let number = 1;
    while (this.open.some((one) => one.number === number)) number++;
    const another = { number, client: connected(this.address, number), reads: 0 };
    this.open.push(another);
    return another;
  }
}

/**
 * A client with a connection of its own. Clients of the same settings share one in a process, for gRPC looks after connections by their
 * settings: so each has a setting that differs by a few milliseconds.
 */
function connected(address: EventStoreAddress, number: number): EventStoreDBClient {
  if ('connectionString' in address)
    return EventStoreDBClient.connectionString(
      number === 0 ? address.connectionString : distinct(address.connectionString, number),
    );
  const settings = { endpoint: address.endpoint, throwOnAppendFailure: true };
  return new EventStoreDBClient({ ...settings, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS + number }, { insecure: true });
}

function distinct(connectionString: string, number: number): string {
  const given = /([?&]keepAliveTimeout=)(\d+)/i;
  if (given.test(connectionString))
    return connectionString.replace(given, (_all, name: string, value: string) => `${name}${Number(value) + number}`);
  const separator = connectionString.includes('?') ? '&' : '?';
  return `${connectionString}${separator}keepAliveTimeout=${KEEP_ALIVE_TIMEOUT_MS + number}`;
}

const disposed = (client: EventStoreDBClient): Promise<void> =>
  Promise.race([
    client.dispose().catch(() => {}),
    new Promise<void>((resolve) => setTimeout(resolve, MAX_DISPOSAL_MS).unref()),
  ]);
