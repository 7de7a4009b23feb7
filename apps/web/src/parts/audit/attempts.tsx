import { Button, Code, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { read } from '../../api.js';
import { formatInstant } from '../../language/index.js';
import { Fetched } from '../fetched.js';
import { None } from '../none.js';
import { Refused } from '../problems.js';
import { Section } from '../section.js';

/** What was refused, and who read what is confidential. */
export function Attempts() {
  const { t } = useTranslation();
  const attempts = useInfiniteQuery({
    queryKey: ['attempts'],
    queryFn: ({ pageParam }) => read('audit/attempts', { limit: '50', cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  });
  return (
    <Section title={t('audit.views.attempts')}>
      <Fetched query={attempts}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <None>{t('audit.noAttempts')}</None>;
          return (
            <>
              <Table.ScrollContainer minWidth={720}>
                <Table verticalSpacing="xs">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('audit.when')}</Table.Th>
                      <Table.Th>{t('audit.who')}</Table.Th>
                      <Table.Th>{t('audit.what')}</Table.Th>
                      <Table.Th>{t('audit.why')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {items.map(({ id, type, actor, data, recordedAt }) => {
                      const said = data as Record<string, string>;
                      const isRead = type === 'ConfidentialRead';
                      return (
                        <Table.Tr key={id}>
                          <Table.Td>{formatInstant(recordedAt)}</Table.Td>
                          <Table.Td>{actor.id === 'nobody' ? t('audit.nobody') : actor.name}</Table.Td>
                          <Table.Td>
                            {isRead && <Text size="sm">{t('audit.read')}</Text>}
                            <Code dir="ltr">
                              {isRead
                                ? `${said.kind}/${said.id}`
                                : `${said.method} ${said.path?.replace('/api/v1/', '')}`}
                            </Code>
                          </Table.Td>
                          <Table.Td>
                            {!isRead && (
                              <Refused code={said.code ?? ''} status={Number(said.status)} detail={said.detail ?? ''} />
                            )}
                          </Table.Td>
                        </Table.Tr>
                      );
                    })}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
              {attempts.hasNextPage && (
                <Button variant="default" mt="md" onClick={() => attempts.fetchNextPage()}>
                  {t('common.more')}
                </Button>
              )}
            </>
          );
        }}
      </Fetched>
    </Section>
  );
}
