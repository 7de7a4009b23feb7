import { Anchor, Card, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { BoardCard, BoardColumn, TransitionView } from '#agreements';
import { read } from '../../api.js';
import { sayDate, wordsOf } from '../../language/index.js';
import { useStanding } from '../../standing.js';
import { Fetched } from '../fetched.js';
import { Country, DueBadge, WaitingBadge } from '../marks.js';
import { None } from '../none.js';
import { Shape } from '../tag.js';
import { TransitionDialog } from '../transition-dialog.js';
import type { AgreementFilters } from './filters.js';

/** The agreements by stage. A card is dragged where a transition leads; where none does, the board says why. */
export function Board({ filters }: { filters: AgreementFilters }) {
  const { t } = useTranslation();
  const board = useQuery({
    queryKey: ['agreements', 'board', filters],
    queryFn: () => read('agreements/board', filters),
    placeholderData: keepPreviousData,
  });
  const [dragged, drag] = useState<BoardCard>();
  const [move, setMove] = useState<{ card: BoardCard; transition: TransitionView }>();
  const drop = (column: BoardColumn) => {
    const card = dragged;
    drag(undefined);
    if (!card || card.stage.id === column.stage.id) return;
    const transition = moveTo(card, column.stage.id);
    if (transition?.allowed) return setMove({ card, transition });
    const why = transition?.blockedBy.map(({ labels }) => wordsOf(labels)).join(' ');
    notifications.show({
      color: 'orange',
      title: t('board.refused', { stage: wordsOf(column.stage.labels) }),
      message: transition?.automatic ? t('board.automatic', { why: why ?? '' }) : why || t('board.noWay'),
      autoClose: 10_000,
    });
  };
  return (
    <Fetched query={board}>
      {({ columns }) => (
        <>
          {columns.every(({ count }) => count === 0) && <None>{t('agreements.empty')}</None>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
          <section className="board" aria-label={t('agreements.views.board')} tabIndex={0}>
            {columns.map((column) => (
              <Column
                key={column.stage.id}
                column={column}
                dragged={dragged}
                onDrag={drag}
                onDrop={() => drop(column)}
              />
            ))}
          </section>
          {move && (
            <TransitionDialog agreement={move.card} transition={move.transition} onClose={() => setMove(undefined)} />
          )}
        </>
      )}
    </Fetched>
  );
}

const moveTo = (card: BoardCard, stage: string): TransitionView | undefined =>
  card.moves.find(({ to, allowed }) => to.id === stage && allowed) ?? card.moves.find(({ to }) => to.id === stage);

function Column({
  column,
  dragged,
  onDrag,
  onDrop,
}: {
  column: BoardColumn;
  dragged: BoardCard | undefined;
  onDrag: (card: BoardCard | undefined) => void;
  onDrop: () => void;
}) {
  const { t } = useTranslation();
  const { isInDoubt } = useStanding();
  const { stage, count, agreements } = column;
  const name = wordsOf(stage.labels);
  const isOther = dragged && dragged.stage.id !== stage.id;
  const target = {
    'data-stage': stage.id,
    'data-tone': stage.kind,
    ...(isOther && { 'data-drop': moveTo(dragged, stage.id)?.allowed ? 'allowed' : 'refused' }),
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop,
  };
  if (count === 0) {
    return (
      <section
        className="board-column-empty"
        aria-label={isInDoubt ? name : t('board.emptyStage', { stage: name })}
        {...target}
        style={{ boxShadow: 'none' }}
      >
        <span>{name}</span>
      </section>
    );
  }
  return (
    <section className="board-column" aria-label={name} {...target}>
      <Group gap="xs" className="board-head" wrap="nowrap">
        <span style={{ color: 'var(--tone)' }}>
          <Shape kind={stage.kind} />
        </span>
        <Text fw={650} size="sm" component="h2" m={0}>
          {name}
        </Text>
        <Text c="dimmed" size="sm">
          {count}
        </Text>
      </Group>
      {agreements.map((card) => (
        <AgreementCard key={card.id} card={card} onDrag={onDrag} />
      ))}
      {count > agreements.length && (
        <Anchor component={Link} to={`/accords?vue=table&stage=${stage.id}`} size="sm" px={4}>
          {t('board.more', { count: count - agreements.length })}
        </Anchor>
      )}
    </section>
  );
}

function AgreementCard({ card, onDrag }: { card: BoardCard; onDrag: (card: BoardCard | undefined) => void }) {
  const { t } = useTranslation();
  const { signatures, waiting, due, owner, parties, stage } = card;
  const missing = missingFor(card);
  return (
    <Link
      to={`/accords/${card.id}`}
      className="card-link"
      draggable
      onDragStart={() => onDrag(card)}
      onDragEnd={() => onDrag(undefined)}
    >
      <Card withBorder padding="sm">
        <Stack gap={8}>
          <Text fw={600} size="sm" lh={1.35}>
            {card.title}
          </Text>
          <Group gap={6}>
            {parties.map(({ id, country, acronym, name }) =>
              country ? (
                <Country key={id} code={country} />
              ) : (
                <Text key={id} size="xs" c="dimmed">
                  {acronym ?? name}
                </Text>
              ),
            )}
          </Group>
          <Group gap={6}>
            {waiting && <WaitingBadge waiting={waiting} />}
            {due && <DueBadge due={due} />}
          </Group>
          {stage.kind === 'signature' && signatures.wanted > 0 && (
            <Text size="xs" c="dimmed">
              {t('agreements.signatures', signatures)}
            </Text>
          )}
          {missing.slice(0, 2).map((why) => (
            <Text key={why} size="xs">
              {why}
            </Text>
          ))}
          {card.signedOn && (
            <Text size="xs" c="dimmed">
              {t('agreement.signedOn')} {sayDate(card.signedOn)}
            </Text>
          )}
          {owner && (
            <Text size="xs" c="dimmed">
              {owner.name}
            </Text>
          )}
        </Stack>
      </Card>
    </Link>
  );
}

/** What keeps an agreement from going on, exceptions and one's own role left aside. */
export const missingFor = ({ moves }: Pick<BoardCard, 'moves'>): string[] => {
  const ways = moves.filter(({ automatic, reasonRequired }) => automatic || !reasonRequired);
  const blocks = ways.flatMap(({ blockedBy }) => blockedBy).filter(({ code }) => code !== 'ROLE_MISSING');
  return [...new Set(blocks.map(({ labels }) => wordsOf(labels)))];
};
