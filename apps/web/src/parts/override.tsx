import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView, TransitionView } from '#agreements';
import { command } from '../api.js';
import { ReasonDialog } from './reason-dialog.js';
import { useCommand } from './use-command.js';

/** Where something is missing: ask that it be passed over, or grant what another has asked for. */
export function Override({ agreement, transition }: { agreement: AgreementView; transition: TransitionView }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const give = useCommand(t('override.done'), () => setAsking(false));
  const { blockedBy, override } = transition;
  const subject = { id: agreement.id, transition: transition.id };
  if (!override && !blockedBy.some(({ code }) => code !== 'ROLE_MISSING')) return null;
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
            <Button
              size="compact-xs"
              variant="light"
              onClick={() =>
                give.mutate(() => command('agreements/{id}/transitions/{transition}/override/grant', subject, {}))
              }
            >
              {t('override.grant')}
            </Button>
          )}
        </Stack>
      )}
      {isAsking && (
        <ReasonDialog
          title={t('override.ask')}
          loading={give.isPending}
          onGiven={(reason) =>
            give.mutate(() => command('agreements/{id}/transitions/{transition}/override', subject, { reason }))
          }
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
