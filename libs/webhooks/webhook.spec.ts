import { specification } from '#event-sourcing';
import { type WebhookEvent, webhookDecider } from './webhook.js';

const effectiveOn = '2026-03-02';
const SAVE = {
  type: 'SaveWebhook' as const,
  url: 'https://example.org/hook',
  changes: { types: ['paraphe.agreement.*'], after: '0' },
};
const { type: _, ...data } = SAVE;
const registered: WebhookEvent = { type: 'WebhookRegistered', data, effectiveOn };
const disabled: WebhookEvent = { type: 'WebhookDisabled', data: { reason: 'gone' }, effectiveOn };
const DISABLE = { type: 'DisableWebhook' as const, reason: 'gone' };

describe('a webhook', () => {
  it('is registered, changed and disabled', () => {
    specification(webhookDecider).when(SAVE).then(registered);
    specification(webhookDecider)
      .given(registered)
      .when({ ...SAVE, url: 'https://example.org/other' })
      .then({ type: 'WebhookChanged', data: { ...data, url: 'https://example.org/other' }, effectiveOn });
    specification(webhookDecider).given(registered).when(DISABLE).then(disabled);
    specification(webhookDecider).when(DISABLE).thenRefuses('NOT_FOUND');
  });

  it('adds nothing when it is told the same twice', () => {
    specification(webhookDecider).given(registered).when(SAVE).thenNothingHappens();
    specification(webhookDecider).given(registered, disabled).when(DISABLE).thenNothingHappens();
  });

  it('is active again when it is saved after it was disabled', () => {
    specification(webhookDecider)
      .given(registered, disabled)
      .when(SAVE)
      .then({ type: 'WebhookChanged', data, effectiveOn });
  });

  it.each(['', '-1', '1.5', 'now', '9'.repeat(21)])('takes no %j for a position', (after) => {
    const { schema } = webhookDecider.commands.definitions.SaveWebhook;
    expect(schema.safeParse({ url: SAVE.url, changes: { after } }).success).toBe(false);
  });
});
