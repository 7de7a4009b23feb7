import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Where a person says why. What they say stands in the history. */
export function ReasonInput({ value, onChange }: { value: string; onChange: (reason: string) => void }) {
  const { t } = useTranslation();
  return (
    <Textarea
      label={t('transition.reason')}
      description={t('transition.reasonHint')}
      required
      autosize
      minRows={3}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus
    />
  );
}
