import { Button, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The end of a dialog: give up, or do it. */
export function DialogButtons({ onClose, submit, loading }: { onClose: () => void; submit: string; loading: boolean }) {
  const { t } = useTranslation();
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        {t('common.cancel')}
      </Button>
      <Button type="submit" loading={loading}>
        {submit}
      </Button>
    </Group>
  );
}
