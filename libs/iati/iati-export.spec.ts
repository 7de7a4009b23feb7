import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import type { EventStore } from '#event-sourcing';
import { holding } from '../../test/support/read-store.js';
import { IatiExport } from './iati-export.js';

const clock = { now: () => new Date('2026-03-02T09:00:00Z'), today: () => '2026-03-02' };
const publisher = { ref: 'MA-GOV-1', name: 'x', type: '10' } as never;

describe('a project whose record cannot be read', () => {
  const store = {
    eventsOf: async () => {
      throw new TypeError('of our own making');
    },
  } as unknown as EventStore;
  const projects = holding([{ id: 'mbi', agreement: null }]);
  const written = (only?: string) =>
    text(Readable.from(new IatiExport(projects, store, clock, 'https://example.org').activities(publisher, only)));

  it('is named among those left out, and the log says why', async () => {
    const said: unknown[] = [];
    Logger.overrideLogger({ log() {}, error() {}, warn: (message: unknown) => said.push(message) });
    expect(await written()).toContain('<!-- Left out');
    expect(said).toEqual(['A project is left out: of our own making']);
  });

  it('is no empty answer where it alone was asked for', async () => {
    await expect(written('mbi')).rejects.toThrow('of our own making');
  });
});
