import { IconRefresh, IconWifiOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatInstant, formatShare, formatTime } from '../language/index.js';
import { useStanding } from '../standing.js';

/** Says on every page that the server cannot be reached, or that lists are catching up, and how old is what one sees. */
export function StandingNotice() {
  const { t } = useTranslation();
  const { lostSince, catchingUp } = useStanding();
  const isShown = lostSince !== undefined || catchingUp !== undefined;
  const share = catchingUp && formatShare(catchingUp.progress);
  const Icon = lostSince ? IconWifiOff : IconRefresh;
  return (
    <div className={isShown ? 'standing' : undefined} data-standing={lostSince ? 'lost' : catchingUp && 'catching-up'}>
      {isShown && <Icon size={18} aria-hidden className="standing-icon" />}
      {/* Read out once: not again with each percent. It is there before it says something, or nobody hears it. */}
      <strong role="status">{lostSince ? t('lost.title') : catchingUp && t('catchingUp.title')}</strong>
      {lostSince ? (
        <span>{t('lost.hint', { time: formatTime(lostSince) })}</span>
      ) : (
        catchingUp && (
          <span>
            {catchingUp.asOf
              ? t('catchingUp.asOf', { share, time: formatInstant(catchingUp.asOf) })
              : t('catchingUp.incomplete', { share })}
          </span>
        )
      )}
      {!lostSince && catchingUp && (
        <progress className="standing-bar" value={catchingUp.progress} aria-label={t('catchingUp.title')} />
      )}
    </div>
  );
}
