import {
  IconActivityHeartbeat,
  IconArrowsExchange,
  IconArrowsSplit2,
  IconBell,
  IconBuildingBank,
  IconCalendarEvent,
  IconChartBar,
  IconFileText,
  IconFolders,
  IconHome,
  IconListNumbers,
  IconMap2,
  IconRoute,
  IconSettings,
  IconShieldCheck,
} from '@tabler/icons-react';

/** Where one can go, in the order of the menu; a group each for work, for looking at the whole, and for keeping house. */
export const SECTIONS = [
  [
    { to: '/', label: 'nav.today', icon: IconHome, key: 'j' },
    { to: '/accords', label: 'nav.agreements', icon: IconFileText, key: 'a' },
    { to: '/projets', label: 'nav.projects', icon: IconRoute, key: 'p' },
    { to: '/rencontres', label: 'nav.meetings', icon: IconCalendarEvent, key: 'r' },
    { to: '/rappels', label: 'nav.reminders', icon: IconBell, key: 'n' },
  ],
  [
    { to: '/organisations', label: 'nav.organisations', icon: IconBuildingBank, key: 'o' },
    { to: '/programmes', label: 'nav.programmes', icon: IconFolders, key: 'g' },
    { to: '/carte', label: 'nav.map', icon: IconMap2, key: 'm' },
    { to: '/chiffres', label: 'nav.figures', icon: IconChartBar, key: 'c' },
    { to: '/declarations', label: 'nav.statements', icon: IconListNumbers, key: 'd' },
  ],
  [
    { to: '/echanges', label: 'nav.exchange', icon: IconArrowsExchange, key: 'e' },
    { to: '/parcours', label: 'nav.lifecycles', icon: IconArrowsSplit2, key: 'l' },
    { to: '/audit', label: 'nav.audit', icon: IconShieldCheck, key: 'u' },
    { to: '/administration', label: 'nav.administration', icon: IconSettings, key: 'x', role: 'administrator' },
    { to: '/consumers', label: 'nav.consumers', icon: IconActivityHeartbeat, key: 's', role: 'administrator' },
  ],
] as const;

/** The sections that are for somebody with some roles, in their groups. */
export const sectionsFor = (roles: readonly string[]) =>
  SECTIONS.map((group) => group.filter((section) => !('role' in section) || roles.includes(section.role)));
