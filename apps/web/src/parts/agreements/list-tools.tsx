import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconBookmark, IconDownload, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { spoken } from '../../language/index.js';
import { useMe } from '../../me.js';
import { useAddress } from '../address.js';
import { FormDialog } from '../form-dialog.js';
import { chosenColumns } from './columns.js';
import type { AgreementFilters } from './filters.js';

interface SavedView {
  name: string;
  address: string;
}

/** Takes the list away as a sheet, and keeps what one looks at often. */
export function ListTools({ filters }: { filters: AgreementFilters }) {
  const { t } = useTranslation();
  const { get, list } = useAddress();
  const sort = get('tri');
  const columns = get('vue') === 'table' ? chosenColumns(list('colonnes')).join(',') : '';
  const addressOf = (format: string) => {
    const query = { ...filters, format, language: spoken, ...(sort && { sort }), ...(columns && { columns }) };
    return `/api/v1/agreements/export?${new URLSearchParams(query)}`;
  };
  return (
    <>
      <SavedViews />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} />}>
            {t('agreements.export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {['xlsx', 'csv'].map((format) => (
            <Menu.Item key={format} component="a" href={addressOf(format)} download>
              {t(`agreements.formats.${format}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function SavedViews() {
  const { t } = useTranslation();
  const { id } = useMe();
  const { text, replace } = useAddress();
  const [views, setViews] = useLocalStorage<SavedView[]>({ key: `paraphe.views.${id}`, defaultValue: [] });
  const [name, setName] = useState<string>();
  const save = () => {
    const chosen = (name ?? '').trim();
    if (chosen) setViews([...views.filter((view) => view.name !== chosen), { name: chosen, address: text }]);
    setName(undefined);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} />}>
            {t('agreements.saved')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.map((view) => (
            <Menu.Item
              key={view.name}
              onClick={() => replace(view.address)}
              rightSection={
                <ActionIcon
                  component="span"
                  size="sm"
                  variant="subtle"
                  color="gray"
                  aria-label={t('agreements.forget', { name: view.name })}
                  onClick={(event) => {
                    event.stopPropagation();
                    setViews(views.filter((one) => one !== view));
                  }}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              }
            >
              {view.name}
            </Menu.Item>
          ))}
          {views.length > 0 && <Menu.Divider />}
          <Menu.Item onClick={() => setName('')}>{t('agreements.saveView')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {name !== undefined && (
        <FormDialog
          title={t('agreements.saveView')}
          submit={t('common.save')}
          loading={false}
          onSubmit={save}
          onClose={() => setName(undefined)}
        >
          <TextInput
            label={t('agreements.viewName')}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            required
            maxLength={60}
            data-autofocus
          />
        </FormDialog>
      )}
    </>
  );
}
