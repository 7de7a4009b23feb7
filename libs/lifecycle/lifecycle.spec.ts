import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { InvalidLifecycle, Lifecycle } from './index.js';

const stock = () => parse(readFileSync('libs/lifecycle/stock/agreement.yaml', 'utf8'));

describe('the stock lifecycle', () => {
  const lifecycle = Lifecycle.from(stock());

  it('has every stage of treaty practice in its order of kinds', () => {
    expect(lifecycle.definition.stages).toHaveLength(18);
    expect(lifecycle.kindOf('awaiting-signature')).toBe('signature');
    expect(lifecycle.kindOf('in-force')).toBe('active');
  });

  it('leads to every stage, and out of every stage that is not an end', () => {
    const reached = new Set([lifecycle.initial]);
    for (const stage of reached) for (const { to } of lifecycle.transitionsFrom(stage)) reached.add(to);
    expect([...reached].sort()).toEqual(lifecycle.definition.stages.map(({ id }) => id).sort());
    const stuck = lifecycle.definition.stages.filter(
      ({ id, kind }) => kind !== 'ended' && lifecycle.transitionsFrom(id).length === 0,
    );
    expect(stuck).toEqual([]);
  });
});

describe('a definition with defects', () => {
  it('is refused with all of them at once, each with its place', () => {
    const broken = stock();
    broken.initial = 'identifed';
    broken.transitions[0].to = 'nowhere';
    broken.stages.push(broken.stages[3]);
    try {
      Lifecycle.from(broken);
      throw new Error('was accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidLifecycle);
      const { defects } = error as InvalidLifecycle;
      expect(defects.join('\n')).toMatch(/initial: there is no stage 'identifed'/);
      expect(defects.join('\n')).toMatch(/transitions\.start-drafting\.to: there is no stage 'nowhere'/);
      expect(defects.join('\n')).toMatch(/'negotiation' is defined twice/);
    }
  });

  it('is refused for a kind that does not exist', () => {
    const broken = stock();
    broken.stages[0].kind = 'waiting';
    expect(() => Lifecycle.from(broken)).toThrow(/stages\.0\.kind/);
  });
});
