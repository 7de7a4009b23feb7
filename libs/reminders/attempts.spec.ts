import { within } from '#event-sourcing';
import { isFinal } from './mail.js';
import { pauseAfter } from './queue.js';

describe('a refusal of the mail server', () => {
  it.each([
    ['no such user', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }],
    ['the mail is unwanted', { code: 'EMESSAGE', command: 'DATA', responseCode: 554 }],
    ['the sender is unwanted', { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 553 }],
    ['an address that cannot be written', { code: 'EENVELOPE', command: 'API' }],
  ])('is final: %s', (_name, error) => {
    expect(isFinal(error)).toBe(true);
  });

  it.each([
    ['greylisted', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 450 }],
    ['the mailbox is busy', { code: 'EMESSAGE', command: 'DATA', responseCode: 451 }],
    ['a login is wanted', { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 530 }],
    ['the password is wrong', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }],
    ['the whole session is turned away', { code: 'EPROTOCOL', command: 'CONN', responseCode: 554 }],
    ['the connection broke', { code: 'ECONNECTION', command: 'CONN' }],
    ['no answer in time', { code: 'ETIMEDOUT', command: 'CONN' }],
  ])('is not final: %s', (_name, error) => {
    expect(isFinal(error)).toBe(false);
  });
});

it('attempts come ever later, not before the receiver wants, and within a day', () => {
  expect([1, 2, 12].map((attempts) => pauseAfter(attempts))).toEqual([5_000, 10_000, 10_240_000]);
  expect(pauseAfter(1, { retryAfterMs: 60_000 })).toBe(60_000);
  expect(pauseAfter(3, { retryAfterMs: 0 })).toBe(20_000);
  expect(pauseAfter(1, { retryAfterMs: 1e12 })).toBe(24 * 3_600_000);
});

it('what never answers is waited for no longer than is said', async () => {
  await expect(within(10, 'The queue', new Promise(() => {}))).rejects.toThrow(
    'The queue has not answered within 0.01 s',
  );
  await expect(within(10_000, 'The queue', Promise.resolve(1))).resolves.toBe(1);
});
