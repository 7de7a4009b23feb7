import fc from 'fast-check';
import { type CommandContext, fold, specification } from '#event-sourcing';
import { ROLES } from '#roles';
import { type PreferenceCommand, preferenceCommands, preferenceDecider, substituteOn } from './preferences.js';

describe('an absence', () => {
  const actor: CommandContext['actor'] = { kind: 'user', id: 'amina' };
  const away = { from: '2026-03-10', until: '2026-03-20', substitute: 'youssef' };
  const announced = { type: 'AbsenceAnnounced' as const, data: away, effectiveOn: '2026-03-10' };
  const preferences = () => specification(preferenceDecider);

  it('names who is reminded instead, from when to when', () => {
    preferences()
      .given()
      .as({ actor })
      .when({ type: 'AnnounceAbsence', ...away })
      .then(announced);
    const state = fold(preferenceDecider, [announced], () => '2026-03-02T09:00:00.000Z');
    const days = ['2026-03-09', '2026-03-10', '2026-03-20', '2026-03-21'];
    expect(days.map((day) => substituteOn(state, day))).toEqual([undefined, 'youssef', 'youssef', undefined]);
  });

  it('cannot end before it begins, nor be stood in for by oneself', () => {
    const announce = (more: object) => ({ type: 'AnnounceAbsence' as const, ...away, ...more });
    for (const wrong of [{ until: '2026-03-09' }, { substitute: 'amina' }])
      preferences().given().as({ actor }).when(announce(wrong)).thenRefuses('PREFERENCES.ABSENCE_INVALID');
  });
});

describe('wishes', () => {
  const wishes = { hour: 9, digest: false };
  const set = { type: 'PreferencesSet' as const, data: wishes, effectiveOn: '2026-03-02' };
  const preferences = () => specification(preferenceDecider);

  it('are kept as they were said last, and need not be said again', () => {
    const command = { type: 'SetPreferences' as const, preferences: wishes };
    preferences().given().when(command).then(set);
    preferences().given(set).when(command).thenNothingHappens();
    preferences()
      .given(set)
      .when({ type: 'SetPreferences', preferences: { digest: false, hour: 9 } })
      .thenNothingHappens();
    const other = { hour: 10 };
    preferences()
      .given(set)
      .when({ type: 'SetPreferences', preferences: other })
      .then({ ...set, data: other });
  });

  it('stand whether somebody is away or not', () => {
    const away = { from: '2026-03-10', until: '2026-03-20', substitute: 'youssef' };
    const announced = { type: 'AbsenceAnnounced' as const, data: away, effectiveOn: '2026-03-10' };
    const ended = { type: 'AbsenceEnded' as const, data: {}, effectiveOn: '2026-03-02' };
    preferences().given(set, announced).when({ type: 'EndAbsence' }).then(ended);
    preferences().given(set, announced, ended).when({ type: 'EndAbsence' }).thenNothingHappens();
    preferences().given().when({ type: 'EndAbsence' }).thenNothingHappens();
    const state = fold(preferenceDecider, [set, announced, ended], () => '2026-03-02T09:00:00.000Z');
    expect(state).toEqual({ preferences: wishes });
  });

  it('are everybody’s own to say', () => {
    expect(preferenceCommands.by).toEqual(ROLES);
  });
});

it('whatever a person wishes, saying it twice adds nothing, and the state is plain JSON', () => {
  const days = fc.constantFrom('2026-03-01', '2026-03-10', '2026-03-20');
  const commands: fc.Arbitrary<PreferenceCommand> = fc.oneof(
    fc
      .record({ hour: fc.integer({ min: 6, max: 20 }), email: fc.boolean() }, { requiredKeys: [] })
      .map((preferences): PreferenceCommand => ({ type: 'SetPreferences', preferences })),
    fc
      .record({ from: days, until: days, substitute: fc.constantFrom('youssef', 'officer') })
      .map((absence): PreferenceCommand => ({ type: 'AnnounceAbsence', ...absence })),
    fc.constant<PreferenceCommand>({ type: 'EndAbsence' }),
  );
  const now = '2026-03-02T09:00:00.000Z';
  const context = { actor: { kind: 'user' as const, id: 'officer' }, now, today: '2026-03-02' };
  const decided = (state: typeof preferenceDecider.initial, command: PreferenceCommand) => {
    try {
      return preferenceDecider.decide(command, state, context);
    } catch {
      return [];
    }
  };
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 8 }), (all) => {
      let state = preferenceDecider.initial;
      for (const command of all) {
        for (const event of decided(state, command)) state = preferenceDecider.evolve(state, event, now);
        expect(decided(state, command)).toEqual([]);
      }
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
  );
});
