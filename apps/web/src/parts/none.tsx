import { Skeleton, Text, type TextProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '../language/index.js';
import { useStanding } from '../standing.js';

/**
 * Says that there is nothing, where that is drawn from lists. While they catch up, what is absent is not known yet: then that is said
 * instead. Every such sentence goes through here (`test/nothing.spec.ts`).
 */
export function None({ children, ...style }: TextProps & { children: ReactNode }) {
  const { t } = useTranslation();
  const { catchingUp, isInDoubt } = useStanding();
  if (isInDoubt && !catchingUp) return <Skeleton h={20} maw={280} aria-busy />;
  return (
    <Text component="div" c="dimmed" {...style}>
      {catchingUp ? t('catchingUp.unknown') : children}
    </Text>
  );
}

/** How many there are by the lists, as a number or in words. That there are none is not said before the lists are complete. */
export function Count({ of, children = formatNumber(of) }: { of: number; children?: ReactNode }) {
  const { t } = useTranslation();
  const { isInDoubt } = useStanding();
  if (of > 0 || !isInDoubt) return children;
  return (
    <span role="img" title={t('catchingUp.unknown')} aria-label={t('catchingUp.unknown')}>
      …
    </span>
  );
}
