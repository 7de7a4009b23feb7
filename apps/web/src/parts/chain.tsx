import { Anchor, Button, Modal, Stack, Text } from '@mantine/core';
import { IconHierarchy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { HistoryEntry } from '#audit';
import { read } from '../api.js';
import { sayDate } from '../language/index.js';
import { Fetched } from './fetched.js';
import { pageOf } from './places.js';
import { type Names, useSentences } from './words.js';

/** Opens a picture of what an event goes back to and what it led to. */
export function ShowChain({ event, names }: { event: HistoryEntry; names: Names }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<IconHierarchy size={14} />}
        onClick={() => setOpen(true)}
        style={{ alignSelf: 'flex-start' }}
        className="no-print"
      >
        {t('audit.showChain')}
      </Button>
      {isOpen && (
        <Modal opened onClose={() => setOpen(false)} title={t('audit.chain')} size="lg">
          <Chain event={event.id} names={names} />
        </Modal>
      )}
    </>
  );
}

function Chain({ event, names }: { event: string; names: Names }) {
  const chain = useQuery({
    queryKey: ['chain', event],
    queryFn: () => read('audit/events/{id}/chain', { id: event }),
  });
  return (
    <Fetched query={chain}>
      {({ items }) => {
        const ids = new Set(items.map(({ id }) => id));
        const roots = items.filter(({ cause }) => !cause || !ids.has(cause.id));
        return <Links of={roots} all={items} names={names} current={event} />;
      }}
    </Fetched>
  );
}

function Links({
  of,
  all,
  names,
  current,
}: {
  of: HistoryEntry[];
  all: HistoryEntry[];
  names: Names;
  current: string;
}) {
  const sentence = useSentences();
  return (
    <ul className="chain">
      {of.map((entry) => {
        const led = all.filter(({ cause }) => cause?.id === entry.id);
        return (
          <li key={entry.id}>
            <Stack gap={0} className="link" aria-current={entry.id === current ? 'step' : undefined}>
              <Text size="sm" fw={600}>
                {sentence(entry, names)}
              </Text>
              <Anchor component={Link} to={pageOf({ kind: entry.category, id: entry.subject })} size="xs">
                {names[entry.subject] ?? entry.subject}
              </Anchor>
              <Text size="xs" c="dimmed">
                {sayDate(entry.effectiveOn)}
              </Text>
            </Stack>
            {led.length > 0 && <Links of={led} all={all} names={names} current={current} />}
          </li>
        );
      })}
    </ul>
  );
}
