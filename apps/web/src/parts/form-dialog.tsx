import { Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A form in a dialog: what the fields ask for, a way back, and one button that does it. */
export function FormDialog({
  title,
  submit,
  loading,
  size = 'md',
  disabled = false,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  /** What the button says; the title when left out. */
  submit?: string;
  loading: boolean;
  size?: 'md' | 'lg' | 'xl';
  disabled?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Modal opened onClose={onClose} title={title} size={size} centered>
      <form onSubmit={send}>
        <Stack>
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={loading} disabled={disabled}>
              {submit ?? title}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
