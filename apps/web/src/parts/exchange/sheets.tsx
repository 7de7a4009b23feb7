import { Button, FileButton, Group, Menu, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconDownload, IconTableImport } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sendSheet } from '../../api.js';
import { choices, spoken } from '../../language/index.js';
import { useAddress } from '../address.js';
import { showProblem } from '../problems.js';
import { Section } from '../section.js';
import { SheetAssistant } from './sheet-assistant.js';

/** Sheets out, and sheets in by way of an assistant. */
export function Sheets({ roles }: { roles: string[] }) {
  const { get } = useAddress();
  const upload = get('feuille');
  if (upload) return <SheetAssistant id={upload} />;
  const mayImport = roles.some((role) => ['officer', 'approver', 'administrator'].includes(role));
  return (
    <SimpleGrid cols={{ base: 1, md: mayImport ? 2 : 1 }} spacing="lg">
      {mayImport && <Arrival />}
      <Exports />
    </SimpleGrid>
  );
}

function Arrival() {
  const { t } = useTranslation();
  const { set } = useAddress();
  const [isOver, setOver] = useState(false);
  const send = useMutation({
    mutationFn: sendSheet,
    onSuccess: ({ id }) => set({ feuille: id }),
    onError: showProblem,
  });
  const take = (file: File | null | undefined) => {
    if (file) send.mutate(file);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <Section title={t('exchange.importTitle')}>
      <Stack
        align="center"
        p="xl"
        className="drop"
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <IconTableImport size={40} stroke={1.2} />
        <Text ta="center">{t('exchange.drop')}</Text>
        <FileButton onChange={take} accept=".csv,.tsv,.txt,.xlsx">
          {(props) => (
            <Button loading={send.isPending} {...props}>
              {t('exchange.choose')}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed" ta="center">
          {t('exchange.limits')}
        </Text>
      </Stack>
    </Section>
  );
}

function Exports() {
  const { t } = useTranslation();
  const address = (kind: string, query: string) => `/api/v1/sheets/${kind}?language=${spoken}&${query}`;
  return (
    <Section title={t('exchange.exportTitle')}>
      <Stack>
        <Text c="dimmed">{t('exchange.exportHint')}</Text>
        {choices('exchange.kinds').map(({ value, label }) => (
          <Group key={value} justify="space-between">
            <Text>{label}</Text>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button
                  variant="default"
                  leftSection={<IconDownload size={16} />}
                  aria-label={`${t('exchange.exportTitle')} : ${label}`}
                >
                  {t('exchange.exportTitle')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {['xlsx', 'csv'].map((format) => (
                  <Menu.Item key={format} component="a" href={address(value, `format=${format}`)} download>
                    {t(`agreements.formats.${format}`)}
                  </Menu.Item>
                ))}
                <Menu.Divider />
                <Menu.Item component="a" href={address(value, 'format=xlsx&only=headings')} download>
                  {t('exchange.empty')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
