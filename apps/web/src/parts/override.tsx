import { Button, Modal, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView, TransitionView } from '#agreements';
import { useAgreementCommand } from './agreement-command.js';
import { DialogButtons } from './dialog-buttons.js';

/** Where something is missing: ask that it be passed over, or grant what another has asked for. */
export function Override({ agreement, transition }: { agreement: AgreementView; transition: TransitionView }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const give = useAgreementCommand(agreement, t('override.done'), () => setAsking(false));
  const { blockedBy, override } = transition;
  const path = `transitions/${transition.id}/override`;
  if (!override && !blockedBy.some(({ code }) => code !== 'ROLE_MISSING')) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    give.mutate({ path, body: { reason: reason.trim() } });
  };
  return (
    <>
      {!override && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setAsking(true)}>
          {t('override.ask')}
        </Button>
      )}
      {override && (
        <Stack gap={4}>
          <Text size="xs">{t('override.asked', { name: override.by.name, reason: override.reason })}</Text>
          {override.grantedBy ? (
            <Text size="xs">{t('override.granted', { name: override.grantedBy.name })}</Text>
          ) : (
            <Button size="compact-xs" variant="light" onClick={() => give.mutate({ path: `${path}/grant`, body: {} })}>
              {t('override.grant')}
            </Button>
          )}
        </Stack>
      )}
      {isAsking && (
        <Modal opened onClose={() => setAsking(false)} title={t('override.ask')} centered>
          <form onSubmit={submit}>
            <Stack>
              <Textarea
                label={t('transition.reason')}
                description={t('transition.reasonHint')}
                required
                autosize
                minRows={3}
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
                data-autofocus
              />
              <DialogButtons onClose={() => setAsking(false)} submit={t('override.ask')} loading={give.isPending} />
            </Stack>
          </form>
        </Modal>
      )}
    </>
  );
}
