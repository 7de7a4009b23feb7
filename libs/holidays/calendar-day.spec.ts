import { specification } from '#event-sourcing';
import { type CalendarEvent, calendarDecider } from './calendar-day.js';

const effectiveOn = '2026-03-02';
const feast = { country: 'MA', feast: 'eid-al-fitr', hijriYear: 1447, days: ['2026-03-20'], source: 'Habous' };
const PROCLAIM = { type: 'ProclaimFeast' as const, ...feast };
const proclaimed: CalendarEvent = { type: 'FeastProclaimed', data: feast, effectiveOn };
const exception = { country: 'MA', day: '2026-11-27', worked: false, reason: 'a visit' };
const DECLARE = { type: 'DeclareDay' as const, ...exception };
const declared: CalendarEvent = { type: 'DayDeclared', data: exception, effectiveOn };

describe('what is proclaimed', () => {
  it('is recorded, each feast and each day for itself', () => {
    specification(calendarDecider).when(PROCLAIM).then(proclaimed);
    specification(calendarDecider).given(proclaimed).when(DECLARE).then(declared);
  });

  it('adds nothing when it is said twice', () => {
    specification(calendarDecider).given(proclaimed, declared).when(PROCLAIM).thenNothingHappens();
    specification(calendarDecider).given(proclaimed, declared).when(DECLARE).thenNothingHappens();
  });

  it('gives way to the latest word: saying the first again is news then', () => {
    const later: CalendarEvent = { ...proclaimed, data: { ...feast, days: ['2026-03-21'] } } as CalendarEvent;
    specification(calendarDecider).given(proclaimed, later).when(PROCLAIM).then(proclaimed);
  });
});
